/** The decision: what was opened, a note, and two acts, each confirmed in front of the exact bytes it signs. */
import { useRef } from "react"
import type { Preset, ViewedProperty } from "../../../shared/trust.ts"
import { Code } from "../../parts/code.tsx"
import { DigestChip, shortDigest } from "../../parts/digest-chip.tsx"
import { FailureNote } from "../../parts/failure-note.tsx"
import { Unlock } from "../../parts/unlock.tsx"
import { useStoreStatus } from "../../store-status.ts"
import { strings } from "../../strings.ts"
import { Button } from "../../ui/button.tsx"
import { Dialog } from "../../ui/dialog.tsx"
import { Waiting } from "../../ui/empty.tsx"
import { inputClass } from "../../ui/field.tsx"
import { propertyOf, tabsOf } from "./evidence.tsx"
import { cancelDecision, type Decision, type Evidence, prepare, useReview, writeNote } from "./state.ts"

const words = strings.review
const noteCharactersMax = 2_000

export function DecisionBar({ evidence, onSign }: { readonly evidence: Evidence; readonly onSign: () => void }) {
  const { notes, viewed, policy, deciding } = useReview()
  const readOnly = useStoreStatus(({ status }) => status?.readOnly ?? false)
  const { digest } = evidence.mapping
  const note = notes[digest] ?? ""
  const opened = viewed[digest] ?? []
  if (readOnly) return <p className="border-t border-line bg-surface px-4 py-3 text-muted">{words.readOnly}</p>
  return (
    <footer className="flex flex-col gap-2 border-t border-line bg-surface px-4 py-3">
      {policy !== null && <Worth preset={policy.preset} demanded={policy.viewed} opened={opened} evidence={evidence} />}
      <div className="flex flex-wrap items-end gap-2">
        <label className="flex min-w-60 grow flex-col gap-1">
          <span className="text-xs text-muted">{words.note}</span>
          <textarea
            rows={2}
            maxLength={noteCharactersMax}
            value={note}
            placeholder={words.notePlaceholder}
            onChange={event => writeNote(digest, event.target.value)}
            className={`${inputClass} resize-y py-1`}
          />
        </label>
        <Button
          icon="untrusted"
          disabled={note.trim() === ""}
          title={note.trim() === "" ? words.noteForRefusal : undefined}
          onClick={() => prepare("reject", evidence)}
        >
          {words.reject}
        </Button>
        <Button kind="main" icon="trusted" onClick={() => prepare("approve", evidence)}>
          {words.approve}
        </Button>
      </div>
      {deciding !== null && <Confirm decision={deciding.decision} evidence={evidence} onSign={onSign} />}
    </footer>
  )
}

function Worth({
  preset,
  demanded,
  opened,
  evidence
}: {
  readonly preset: Preset
  readonly demanded: readonly ViewedProperty[]
  readonly opened: readonly ViewedProperty[]
  readonly evidence: Evidence
}) {
  const missing = tabsOf(evidence).filter(tab => {
    const property = propertyOf(tab)
    return property !== undefined && demanded.includes(property) && !opened.includes(property)
  })
  return (
    <p className="text-xs text-muted">
      {words.worth[preset]}
      {missing.length > 0 && <span className="text-pending"> {words.missing(missing.map(tab => words.tabs[tab]).join(", "))}</span>}
    </p>
  )
}

function Confirm({
  decision,
  evidence,
  onSign
}: {
  readonly decision: Decision
  readonly evidence: Evidence
  readonly onSign: () => void
}) {
  const { deciding, signing } = useReview()
  const cancel = useRef<HTMLButtonElement>(null)
  const statement = deciding?.statement
  const locked = signing.state === "failed" && signing.failure.code === "keys-locked"
  const { shown, mapping } = evidence
  return (
    <Dialog
      open
      onClose={cancelDecision}
      title={words.confirm[decision]}
      closeLabel={strings.settings.close}
      initialFocus={cancel}
      className="h-[76vh]"
    >
      <div className="flex min-h-0 flex-1 flex-col">
        <p className="px-4 py-2 text-muted">{words.confirm.explain}</p>
        {(statement === undefined || statement.state === "loading" || statement.state === "idle") && (
          <Waiting text={words.confirm.making} />
        )}
        {statement?.state === "failed" && <FailureNote failure={statement.failure} again={() => prepare(decision, evidence)} />}
        {statement?.state === "done" && (
          <>
            <div className="px-4 pb-1">
              <DigestChip name={words.confirm.statementDigest} digest={statement.answer.statement} />
            </div>
            <div className="flex min-h-0 flex-1 flex-col border-y border-line">
              <Code text={pretty(statement.answer.text)} label={words.confirm.statement} language="json" />
            </div>
          </>
        )}
        {locked && (
          <div className="p-4">
            <Unlock why={words.locked} onUnlocked={onSign} />
          </div>
        )}
        {signing.state === "failed" && !locked && <FailureNote failure={signing.failure} again={() => prepare(decision, evidence)} />}
      </div>
      <footer className="flex flex-wrap justify-end gap-2 p-3">
        <Button ref={cancel} onClick={cancelDecision}>
          {words.confirm.cancel}
        </Button>
        <Button kind="main" disabled={statement?.state !== "done" || signing.state === "loading"} onClick={onSign}>
          {signing.state === "loading"
            ? words.confirm.signing
            : words.confirm.sign(words.confirm.words[decision], shortDigest(shown.digest), shortDigest(mapping.digest))}
        </Button>
      </footer>
    </Dialog>
  )
}

/** Canonical JSON has no line breaks; the bytes that are signed have none of these. */
function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
