/** What a Bundle holds, weighed here: its roots, its ledgers, and every Mapping with the Verdict it gets. */
import type { BundledMapping } from "../../../shared/engine-contract.ts"
import { DigestChip } from "../../parts/digest-chip.tsx"
import { VerdictBadge } from "../../parts/verdict-badge.tsx"
import { strings } from "../../strings.ts"
import { TableHead } from "../../ui/table-head.tsx"
import { visibleLine } from "../../ui/visible-text.ts"
import type { Report } from "./state.ts"

const words = strings.bundles.import
const shownMax = 500

/** Trusted Mappings are written, pending ones where asked, untrusted ones never; what is here already adds nothing. */
export function toWrite({ mappings }: Report, pending: boolean): BundledMapping[] {
  return mappings.filter(
    ({ standing, verdict }) => standing !== "same" && (verdict.state === "trusted" || (pending && verdict.state === "pending"))
  )
}

export function ReportView({ report, pending }: { readonly report: Report; readonly pending: boolean }) {
  const { counts, roots, ledgers, mappings, notes } = report
  const writes = toWrite(report, pending).length
  return (
    <section aria-label={words.report} className="flex flex-col gap-3">
      <header className="flex flex-wrap items-center gap-x-4">
        <h2 className="font-medium">{words.report}</h2>
        <span>{words.counts(counts.trusted, counts.pending, counts.untrusted)}</span>
        <span className="text-muted">
          {report.written
            ? words.done(mappings.filter(({ written }) => written).length)
            : writes === 0
              ? words.nothing
              : words.willWrite(writes)}
        </span>
        <DigestChip name={strings.bundles.history.bundle} digest={report.bundle} />
      </header>
      {notes.map(note => (
        <p key={note} className="text-pending">
          {visibleLine(note)}
        </p>
      ))}
      <section>
        <h3 className="text-xs text-muted">{words.roots}</h3>
        <ul>
          {roots.map(root => (
            <li key={root.id} className="flex flex-wrap items-center gap-x-4">
              <DigestChip name={strings.keys.roots.id} digest={root.id} />
              <span>{root.owners.map(visibleLine).join(", ")}</span>
              <span className={root.standing === "refused" || root.standing === "not-confirmed" ? "text-pending" : ""}>
                {words.rootStandings[root.standing]}
              </span>
              <span className="text-muted">{visibleLine(root.why)}</span>
              {root.newVersions > 0 && <span>{words.newVersions(root.newVersions)}</span>}
              {root.revocations !== null && root.revocations.revokes.length > 0 && (
                <span className="text-untrusted">{words.revokes(root.revocations.revokes.length)}</span>
              )}
            </li>
          ))}
        </ul>
      </section>
      <section>
        <h3 className="text-xs text-muted">{words.ledgers}</h3>
        <ul>
          {ledgers.map(ledger => (
            <li key={ledger.origin} className="flex flex-wrap gap-x-4">
              <span className="break-all">{visibleLine(ledger.origin)}</span>
              <span className="text-muted">{words.ledgerStandings[ledger.standing]}</span>
            </li>
          ))}
        </ul>
      </section>
      <Mappings mappings={mappings} />
    </section>
  )
}

function Mappings({ mappings }: { readonly mappings: readonly BundledMapping[] }) {
  return (
    <div className="overflow-x-auto rounded-lg border border-line bg-surface">
      <table aria-label={words.mappings} className="w-full text-left">
        <TableHead names={[words.task, words.verdict, words.standing, words.evidence]} />
        <tbody>
          {mappings.slice(0, shownMax).map(one => (
            <tr key={one.mapping} className="border-t border-line align-top">
              <td className="px-3 py-1.5">
                <span className="break-words">{visibleLine(one.task)}</span>
                <span className="block text-xs text-muted">{missingOf(one)}</span>
              </td>
              <td className="px-3 py-1.5 whitespace-nowrap">
                <span className="flex items-center gap-1">
                  {one.before !== null && one.before !== one.verdict.state && (
                    <>
                      <VerdictBadge state={one.before} />
                      <span aria-hidden="true">→</span>
                    </>
                  )}
                  <VerdictBadge state={one.verdict.state} />
                </span>
              </td>
              <td className="px-3 py-1.5 whitespace-nowrap">{words.standings[one.standing]}</td>
              <td className="px-3 py-1.5 tabular-nums">{one.attestations.new}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {mappings.length > shownMax && <p className="p-3 text-muted">{words.shown(shownMax, mappings.length)}</p>}
    </div>
  )
}

/** What keeps it from being trusted, in the words of the rules. */
function missingOf({ verdict }: BundledMapping): string {
  return verdict.rules
    .filter(({ outcome }) => outcome === "fail" || outcome === "missing")
    .map(({ rule, why }) => `${strings.verdict.rules[rule]}: ${visibleLine(why)}`)
    .join("; ")
}
