/** The Ledger as a whole: its signed head, verifying it, comparing it with what others kept, and the forks that were found. */
import { useState } from "react"
import type { AnswerOf } from "../../../shared/engine-contract.ts"
import type { EngineFailure } from "../../../shared/failure.ts"
import { engine } from "../../engine.ts"
import { DigestChip } from "../../parts/digest-chip.tsx"
import { FailureNote } from "../../parts/failure-note.tsx"
import { Unlock } from "../../parts/unlock.tsx"
import { startWork } from "../../parts/work.ts"
import { useStoreStatus } from "../../store-status.ts"
import { strings } from "../../strings.ts"
import { Button } from "../../ui/button.tsx"
import { CopyIcon } from "../../ui/copy.tsx"
import { inputClass } from "../../ui/field.tsx"
import { Icon } from "../../ui/icon.tsx"
import { announce } from "../../ui/live.tsx"
import { saveText } from "../../ui/save.ts"
import { visibleText } from "../../ui/visible-text.ts"
import { check, signCheckpoint, useLedger } from "./state.ts"

const words = strings.ledger

export function Head() {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so a person without a mouse must reach it
    <section aria-label={words.head.title} className="flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto p-4" tabIndex={0}>
      <Forks />
      <Checkpoint />
      <Compare />
    </section>
  )
}

function Checkpoint() {
  const { head } = useLedger()
  const readOnly = useStoreStatus(({ status }) => status?.readOnly ?? false)
  const [failure, setFailure] = useState<EngineFailure | null>(null)
  if (head === null) return null
  const sign = () => {
    setFailure(null)
    void signCheckpoint().then(() => announce(words.head.signed), setFailure)
  }
  const locked = failure?.code === "keys-locked"
  return (
    <section className="flex flex-col gap-2">
      <h2 className="font-medium">{words.head.title}</h2>
      <DigestChip name={words.head.root} digest={head.root} />
      {head.checkpoint === null ? (
        <p className="text-muted">{words.head.none}</p>
      ) : (
        <>
          <h3 className="text-xs text-muted">{words.head.newest}</h3>
          <pre className="rounded-lg border border-line bg-surface p-3 font-mono text-xs break-all whitespace-pre-wrap">
            {visibleText(head.checkpoint)}
          </pre>
        </>
      )}
      <div className="flex flex-wrap items-center gap-2">
        <Button onClick={() => void verifyAll()}>{words.verify.now}</Button>
        {!readOnly && <Button onClick={sign}>{words.head.sign}</Button>}
        {head.checkpoint !== null && (
          <>
            <Button icon="out" onClick={() => saveText(words.head.file, head.checkpoint as string)}>
              {words.head.save}
            </Button>
            <CopyIcon text={head.checkpoint} what={words.head.newest} />
          </>
        )}
      </div>
      {locked && <Unlock why={words.head.locked} onUnlocked={sign} />}
      {failure !== null && !locked && <FailureNote failure={failure} />}
    </section>
  )
}

/** The Audit checks every leaf, checkpoint and part; the tray shows how far it is. */
async function verifyAll(): Promise<void> {
  await startWork(
    words.verify.title,
    "audit",
    signal => engine.audit({}, { signal }),
    ({ checked, findings }) => words.verify.done(checked.records ?? 0, findings.filter(one => one.harmless !== true).length)
  ).catch(() => {})
}

function Compare() {
  const { checked } = useLedger()
  const [text, setText] = useState("")
  return (
    <form
      className="flex flex-col gap-2"
      onSubmit={event => {
        event.preventDefault()
        if (text.trim() !== "") check(text)
      }}
    >
      <h2 className="font-medium">{words.check.title}</h2>
      <p className="text-muted">{words.check.explain}</p>
      <label className="flex flex-col gap-1">
        <span className="text-xs text-muted">{words.check.label}</span>
        <textarea
          rows={6}
          value={text}
          spellCheck={false}
          placeholder={words.check.placeholder}
          onChange={event => setText(event.target.value)}
          className={`${inputClass} py-1 font-mono`}
        />
      </label>
      <div>
        <Button type="submit" disabled={text.trim() === "" || checked.state === "loading"}>
          {words.check.compare}
        </Button>
      </div>
      {checked.state === "failed" && <FailureNote failure={checked.failure} />}
      {checked.state === "done" && <Standing answer={checked.answer} />}
    </form>
  )
}

function Standing({ answer }: { readonly answer: AnswerOf<"checkLedger"> }) {
  const sound = answer.standing === "same" || answer.standing === "prefix"
  return (
    <div role="status" className="flex gap-2 rounded-lg border border-line bg-surface p-3">
      <Icon name={sound ? "check" : "warning"} className={sound ? "mt-0.5 text-trusted" : "mt-0.5 text-untrusted"} />
      <div className="flex min-w-0 flex-col gap-1">
        <p className="font-medium">{words.check.standings[answer.standing]}</p>
        <p className="break-words text-muted">{visibleText(answer.why)}</p>
        <p className="text-xs break-all text-muted">
          {visibleText(answer.origin)}, {words.count(answer.size)}
        </p>
      </div>
    </div>
  )
}

function Forks() {
  const { forks } = useLedger()
  if (forks.length === 0) return null
  return (
    <section role="alert" className="flex flex-col gap-2 rounded-lg border border-untrusted bg-untrusted-ground p-3">
      <h2 className="font-medium text-untrusted">{words.forks.title}</h2>
      <p>{words.forks.explain}</p>
      {forks.map((fork, at) => (
        <div key={at} className="grid gap-2 md:grid-cols-2">
          {(["kept", "found"] as const).map(side => (
            <div key={side} className="flex min-w-0 flex-col gap-1">
              <h3 className="text-xs">{words.forks[side]}</h3>
              <pre className="rounded border border-line bg-surface p-2 font-mono text-xs break-all whitespace-pre-wrap">
                {visibleText(fork[side])}
              </pre>
            </div>
          ))}
        </div>
      ))}
    </section>
  )
}
