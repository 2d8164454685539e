/** The store: where it is, how large, whether it is sound, and what may go. */
import type { AnswerOf } from "../../../shared/engine-contract.ts"
import { isRunning, useWork } from "../../parts/work.ts"
import { useStoreStatus } from "../../store-status.ts"
import { strings } from "../../strings.ts"
import { Button } from "../../ui/button.tsx"
import { CopyIcon } from "../../ui/copy.tsx"
import { Icon } from "../../ui/icon.tsx"
import { visibleLine } from "../../ui/visible-text.ts"
import { Facts } from "./facts.tsx"
import { auditNow, makeSpace, spaceText, useSettings } from "./state.ts"

const words = strings.settingsScreen.store
const kinds = { blobs: words.truth, ledger: words.truth, lance: words.derived, hot: words.derived, hits: words.log } as const

export function StorePart({ usage }: { readonly usage: AnswerOf<"usage"> }) {
  const status = useStoreStatus(state => state.status)
  const { audit, space } = useSettings()
  const busy = useWork(({ works }) => works.some(work => isRunning(work) && (work.verb === "audit" || work.verb === "gc")))
  const readOnly = status?.readOnly ?? false
  return (
    <div className="flex flex-col gap-6">
      <Facts
        rows={[
          [words.place, <Copied key="place" text={status?.store ?? ""} what={words.place} />],
          [words.origin, <Copied key="origin" text={status?.origin ?? ""} what={words.origin} />],
          ...(status?.heldBy === undefined ? [] : [[words.held, visibleLine(status.heldBy)] as const]),
          [words.counts, words.countsText(usage.mappings, usage.modules, usage.ledgerRecords)],
          [words.sizes, <Sizes key="sizes" bytes={usage.bytes} />]
        ]}
      />
      <section aria-label={words.audit.title} className="flex flex-col gap-2">
        <h2 className="font-medium">{words.audit.title}</h2>
        <p className="text-muted">{words.audit.explain}</p>
        <div className="flex items-center gap-2">
          <Button kind="main" disabled={busy} onClick={() => void auditNow(false)}>
            {words.audit.run}
          </Button>
          {!readOnly && (
            <Button disabled={busy} onClick={() => void auditNow(true)}>
              {words.audit.repair}
            </Button>
          )}
          <CopyIcon text="l4 audit" what={strings.copy.command} />
        </div>
        {audit !== null && <Findings audit={audit} />}
      </section>
      <section aria-label={words.gc.title} className="flex flex-col gap-2">
        <h2 className="font-medium">{words.gc.title}</h2>
        <p className="text-muted">{words.gc.explain}</p>
        <div className="flex items-center gap-2">
          <Button disabled={busy || readOnly} onClick={() => void makeSpace(true)}>
            {words.gc.look}
          </Button>
          {space?.dryRun === true && space.removedBlobs > 0 && (
            <Button disabled={busy || readOnly} onClick={() => void makeSpace(false)}>
              {words.gc.act}
            </Button>
          )}
          <CopyIcon text="l4 gc --dry-run" what={strings.copy.command} />
          {space !== null && <span aria-live="polite">{spaceText(space)}</span>}
        </div>
      </section>
    </div>
  )
}

function Copied({ text, what }: { readonly text: string; readonly what: string }) {
  return (
    <span className="flex items-start gap-1">
      <code className="min-w-0 break-all">{visibleLine(text)}</code>
      <CopyIcon text={text} what={what} />
    </span>
  )
}

function Sizes({ bytes }: { readonly bytes: AnswerOf<"usage">["bytes"] }) {
  return (
    <ul>
      {(Object.keys(kinds) as (keyof typeof kinds)[]).map(name => (
        <li key={name} className="flex gap-3">
          <span className="w-32">{words.names[name]}</span>
          <span className="w-24 text-right tabular-nums">{strings.units.bytes(bytes[name])}</span>
          <span className="text-muted">{kinds[name]}</span>
        </li>
      ))}
    </ul>
  )
}

function Findings({ audit: { checked, findings } }: { readonly audit: AnswerOf<"audit"> }) {
  return (
    <div className="flex flex-col gap-2 rounded-lg border border-line bg-surface p-3">
      <p className="text-xs text-muted">
        {words.audit.checked}:{" "}
        {Object.entries(checked)
          .map(([what, count]) => `${count.toLocaleString("en")} ${what}`)
          .join(", ")}
      </p>
      {findings.length === 0 ? (
        <p className="flex items-center gap-1.5 text-trusted">
          <Icon name="check" />
          {words.audit.none}
        </p>
      ) : (
        <ul aria-label={words.audit.findings} className="flex flex-col gap-1">
          {findings.map((finding, at) => (
            <li key={at} className="flex flex-col">
              <span className={finding.repaired || finding.harmless === true ? "" : "text-untrusted"}>
                <code>{finding.code}</code> {visibleLine(finding.subject)}{" "}
                {finding.repaired ? words.audit.repaired : finding.harmless === true ? words.audit.harmless : ""}
              </span>
              <span className="break-words">{visibleLine(finding.message)}</span>
              {!finding.repaired && <span className="break-words text-muted">{visibleLine(finding.remedy)}</span>}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
