/** The Verdict of the chosen Mapping rule by rule, each with its reason and its evidence. */
import type { AttestationView, RuleView } from "../../shared/engine-contract.ts"
import type { Verdict } from "../../shared/trust.ts"
import { strings } from "../strings.ts"
import type { IconName } from "../ui/icon.tsx"
import { Icon } from "../ui/icon.tsx"
import { visibleLine, visibleText } from "../ui/visible-text.ts"
import { DigestChip, shortDigest } from "./digest-chip.tsx"
import { VerdictBadge } from "./verdict-badge.tsx"

interface VerdictViewProps {
  readonly verdict: Verdict
  readonly attestations: readonly AttestationView[]
  readonly onEvidence: (digest: string) => void
}

export function VerdictView({ verdict, attestations, onEvidence }: VerdictViewProps) {
  const count = (outcome: RuleView["outcome"]) => verdict.rules.filter(rule => rule.outcome === outcome).length
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-3">
        <VerdictBadge state={verdict.state} />
        <span>{strings.verdictMeaning[verdict.state]}</span>
        <span className="text-muted">{strings.verdict.summary(count("pass"), count("fail"), count("missing"), count("not-required"))}</span>
        {verdict.notes.length > 0 && <span className="basis-full text-xs text-muted">{verdict.notes.map(visibleLine).join(" · ")}</span>}
      </div>
      <table className="w-full border-y border-line bg-surface text-left">
        <thead className="text-xs text-muted">
          <tr>
            <th className="py-1.5 pr-4 pl-4 font-normal">{strings.verdict.outcome}</th>
            <th className="py-1.5 pr-4 font-normal">{strings.verdict.rule}</th>
            <th className="py-1.5 font-normal max-lg:hidden">
              <span className="sr-only">{strings.verdict.ruleName}</span>
            </th>
            <th className="w-full py-1.5 font-normal">{strings.verdict.why}</th>
            <th className="py-1.5 pr-4 font-normal">{strings.verdict.evidence}</th>
          </tr>
        </thead>
        <tbody>
          {verdict.rules.map(rule => (
            <RuleRow key={rule.rule} rule={rule} attestations={attestations} onEvidence={onEvidence} />
          ))}
        </tbody>
      </table>
      <Notes title={strings.verdict.ignored} notes={verdict.ignored.map(ignored => `${shortDigest(ignored.digest)} ${ignored.reason}`)} />
      <Context verdict={verdict} />
    </div>
  )
}

const looks: Readonly<Record<RuleView["outcome"], { readonly icon: IconName; readonly colour: string }>> = {
  pass: { icon: "check", colour: "text-trusted" },
  fail: { icon: "untrusted", colour: "text-untrusted" },
  missing: { icon: "pending", colour: "text-pending" },
  "not-required": { icon: "dash", colour: "text-muted" }
}

function RuleRow({
  rule,
  attestations,
  onEvidence
}: {
  readonly rule: RuleView
  readonly attestations: readonly AttestationView[]
  readonly onEvidence: (digest: string) => void
}) {
  const look = looks[rule.outcome]
  return (
    <tr className="border-t border-line align-top">
      <td className={`py-1.5 pl-4 ${look.colour}`}>
        <span className="flex items-center gap-1.5 pr-4 whitespace-nowrap">
          <Icon name={look.icon} />
          {strings.verdict.outcomes[rule.outcome]}
        </span>
      </td>
      <th scope="row" className="py-1.5 pr-4 font-medium lg:whitespace-nowrap">
        {strings.verdict.rules[rule.rule]}
      </th>
      <td className="py-1.5 pr-6 whitespace-nowrap text-muted max-lg:hidden">
        <code>{rule.rule}</code>
      </td>
      <td className="min-w-48 py-1.5 pr-4 break-words text-muted">{visibleText(rule.why)}</td>
      <td className="py-1.5 pr-4">
        {rule.evidence.length === 0 ? (
          <span className="text-muted">{strings.verdict.noEvidence}</span>
        ) : (
          <span className="flex flex-wrap gap-x-2">
            {rule.evidence.map((digest, index) => (
              <button
                key={digest}
                type="button"
                title={digest}
                className="rounded text-accent underline decoration-accent-line underline-offset-2 hover:decoration-accent"
                onClick={() => onEvidence(digest)}
              >
                {evidenceName(digest, index, attestations)}
              </button>
            ))}
          </span>
        )}
      </td>
    </tr>
  )
}

function evidenceName(digest: string, index: number, attestations: readonly AttestationView[]): string {
  const kind = attestations.find(attestation => attestation.digest === digest)?.predicateType
  return (kind === undefined ? undefined : strings.attestations.kinds[kind]) ?? strings.verdict.evidenceLink(index + 1)
}

function Notes({ title, notes }: { readonly title: string; readonly notes: readonly string[] }) {
  if (notes.length === 0) return null
  return (
    <section className="px-4 pt-3">
      <h2 className="text-xs text-muted">{title}</h2>
      <ul>
        {notes.map(note => (
          <li key={note} className="break-words">
            {visibleLine(note)}
          </li>
        ))}
      </ul>
    </section>
  )
}

function Context({ verdict }: { readonly verdict: Verdict }) {
  return (
    <p className="flex flex-wrap items-center gap-x-3 px-4 py-3 text-xs text-muted">
      <span>{strings.verdict.asOf(verdict.asOf)}</span>
      <span>
        {verdict.root === null ? strings.verdict.noRoot : strings.verdict.underRoot(shortDigest(verdict.root.id), verdict.root.version)}
      </span>
      <span>{strings.verdict.revocations(verdict.revocations)}</span>
      {verdict.policy !== null && <DigestChip name={strings.verdict.underPolicy} digest={verdict.policy} />}
    </p>
  )
}
