/** Publishing a Draft: what is still missing, one confirmation, and what came of it. */
import { useRef, useState } from "react"
import type { AnswerOf } from "../../../shared/engine-contract.ts"
import { FailureNote } from "../../parts/failure-note.tsx"
import { Unlock } from "../../parts/unlock.tsx"
import { linkOf, moduleRoute } from "../../route.ts"
import { readStoreStatus, useStoreStatus } from "../../store-status.ts"
import { strings } from "../../strings.ts"
import { Button } from "../../ui/button.tsx"
import { Dialog } from "../../ui/dialog.tsx"
import { visibleLine, visibleText } from "../../ui/visible-text.ts"
import { holds } from "./examples-table.tsx"
import { forgetPublished, publishNow, useAuthor } from "./state.ts"

const words = strings.author.publish

export function Publish() {
  const { draft, compiled, found, published } = useAuthor()
  const readOnly = useStoreStatus(({ status }) => status?.readOnly ?? false)
  const [confirming, setConfirming] = useState(false)
  const cancel = useRef<HTMLButtonElement>(null)
  const good = compiled.state === "done" && compiled.answer.kind === "compiled"
  const tested =
    draft.examples.some((example, at) => example.answers !== undefined || holds(example, found[at] ?? null)) || draft.imports.length > 0
  const missing = [draft.task.trim() === "" && words.needs.task, !good && words.needs.source, !tested && words.needs.examples].filter(
    Boolean
  )
  const locked = published.state === "failed" && published.failure.code === "keys-locked"
  const go = () => void publishNow().then(() => readStoreStatus())
  return (
    <section aria-label={words.title} className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-3">
        <Button
          kind="main"
          icon="in"
          disabled={missing.length > 0 || readOnly || published.state === "loading"}
          onClick={() => setConfirming(true)}
        >
          {published.state === "loading" ? words.working : words.act}
        </Button>
        <span className="text-xs text-muted">
          {readOnly ? words.readOnly : missing.length > 0 ? words.missing(missing.join(", ")) : ""}
        </span>
      </div>
      {locked && <Unlock why={words.locked} onUnlocked={go} />}
      {published.state === "failed" && !locked && <FailureNote failure={published.failure} />}
      {published.state === "done" && <Result answer={published.answer} />}
      {confirming && (
        <Dialog open onClose={() => setConfirming(false)} title={words.title} closeLabel={strings.settings.close} initialFocus={cancel}>
          <div className="flex flex-col gap-2 p-4">
            <p className="font-medium break-words">{visibleText(draft.task)}</p>
            {compiled.state === "done" && compiled.answer.kind === "compiled" && <code>{visibleLine(compiled.answer.typeText)}</code>}
            <p className="text-muted">{words.explain}</p>
          </div>
          <footer className="flex justify-end gap-2 border-t border-line p-3">
            <Button ref={cancel} onClick={() => setConfirming(false)}>
              {words.cancel}
            </Button>
            <Button
              kind="main"
              onClick={() => {
                setConfirming(false)
                go()
              }}
            >
              {words.confirm}
            </Button>
          </footer>
        </Dialog>
      )}
    </section>
  )
}

function Result({ answer }: { readonly answer: AnswerOf<"publish"> }) {
  switch (answer.kind) {
    case "published":
      return (
        <p role="status" className="flex flex-wrap items-center gap-x-3 rounded-lg border border-line bg-trusted-ground p-2">
          <span>{answer.already ? words.already : words.done(strings.verdicts[answer.verdict.state].toLowerCase())}</span>
          <a className="text-accent underline" href={linkOf(moduleRoute(answer.digest, answer.mapping))} onClick={forgetPublished}>
            {words.open}
          </a>
          <a className="text-accent underline" href={linkOf({ screen: "review", mapping: answer.mapping })} onClick={forgetPublished}>
            {words.review}
          </a>
        </p>
      )
    case "rejected":
      return (
        <ul role="alert" className="text-untrusted">
          {answer.diagnostics.slice(0, 5).map((diagnostic, at) => (
            <li key={at}>{visibleLine(diagnostic.message)}</li>
          ))}
        </ul>
      )
    case "examples-failed":
      return (
        <div role="alert" className="text-untrusted">
          <p>{words.failed}</p>
          <ul>
            {answer.examples
              .filter(({ passed }) => !passed)
              .slice(0, 5)
              .map(({ position, args, expected, outcome }) => (
                <li key={position}>
                  <code>{`${visibleLine(args)} => ${visibleLine(expected)}`}</code>:{" "}
                  {outcome.kind === "returned" ? visibleLine(outcome.value) : strings.run.kinds[outcome.kind]}
                </li>
              ))}
          </ul>
        </div>
      )
    case "refused":
      return (
        <p role="alert" className="text-untrusted">
          {words.refused} {strings.run.kinds[answer.outcome.kind]}
        </p>
      )
  }
}
