/** Export: what, under which name, and where it was written. */
import { useEffect, useState } from "react"
import type { AnswerOf, InputOf } from "../../../shared/engine-contract.ts"
import { DigestChip } from "../../parts/digest-chip.tsx"
import { FailureNote } from "../../parts/failure-note.tsx"
import { Unlock } from "../../parts/unlock.tsx"
import { strings } from "../../strings.ts"
import { Button } from "../../ui/button.tsx"
import { CopyIcon } from "../../ui/copy.tsx"
import { Field, inputClass } from "../../ui/field.tsx"
import { visibleLine } from "../../ui/visible-text.ts"
import { exportNow, readHistory, useBundles } from "./state.ts"

const words = strings.bundles.export
type What = keyof typeof words.choices

const plainName = /^[A-Za-z0-9_][A-Za-z0-9_ .()+-]{0,119}$/
const digest = /^(sha256:)?[0-9a-f]{4,64}$/

export function ExportPart({ chosen }: { readonly chosen: string | null }) {
  const { folder, exported, busy, failure, history } = useBundles()
  const [what, setWhat] = useState<What>(chosen === null ? "all" : "some")
  const [since, setSince] = useState("")
  const [digests, setDigests] = useState(chosen ?? "")
  const [name, setName] = useState(() => `l4-${new Date().toISOString().slice(0, 10)}.tar`)
  useEffect(readHistory, [])
  const lastSize = history.state === "done" ? sizeOf(history.answer.find(({ kind }) => kind === "exported")?.body) : null
  const lines = digests
    .split("\n")
    .map(line => line.trim())
    .filter(line => line !== "")
  const problems = {
    name: plainName.test(name) && !name.endsWith(".") ? undefined : words.expected(words.problems.name),
    since: what !== "since" || /^\d{1,12}$/.test(since) ? undefined : words.expected(words.problems.since),
    digests:
      what !== "some" || (lines.length > 0 && lines.every(line => digest.test(line))) ? undefined : words.expected(words.problems.digests)
  }
  const ready = Object.values(problems).every(problem => problem === undefined)
  const input: InputOf<"exportBundle"> = {
    target: name,
    ...(what === "all" ? { all: true } : what === "since" ? { since: Number(since) } : { digests: lines })
  }
  const locked = failure?.code === "keys-locked"
  return (
    <div className="flex max-w-3xl flex-col gap-4 p-4">
      <p className="text-muted">{strings.bundles.explain}</p>
      <form
        className="flex flex-col gap-4"
        onSubmit={event => {
          event.preventDefault()
          if (ready && !busy) void exportNow(input)
        }}
      >
        <fieldset className="flex flex-col gap-1">
          <legend className="text-xs text-muted">{words.what}</legend>
          {(Object.keys(words.choices) as What[]).map(value => (
            <label key={value} className="flex items-center gap-2">
              <input type="radio" name="what" checked={what === value} onChange={() => setWhat(value)} />
              {words.choices[value]}
            </label>
          ))}
        </fieldset>
        {what === "since" && (
          <Field
            label={words.since}
            inputMode="numeric"
            className="w-64"
            value={since}
            onChange={setSince}
            error={since === "" ? undefined : problems.since}
            note={lastSize === null ? words.sinceHelp : words.sinceLast(lastSize)}
          />
        )}
        {what === "some" && (
          <label className="flex flex-col gap-1">
            <span className="text-xs text-muted">{words.digests}</span>
            <textarea
              rows={4}
              value={digests}
              spellCheck={false}
              aria-invalid={digests !== "" && problems.digests !== undefined}
              onChange={event => setDigests(event.target.value)}
              className={`${inputClass} py-1 font-mono`}
            />
            <span className="text-xs text-muted">
              {digests !== "" && problems.digests !== undefined ? problems.digests : words.digestsHelp}
            </span>
          </label>
        )}
        <Field label={words.name} className="w-80" value={name} onChange={setName} error={problems.name} note={words.nameHelp} />
        <p className="text-xs text-muted">
          {folder.state === "done" && words.where(folder.answer.folder)} {words.volumes}
        </p>
        <div className="flex items-center gap-2">
          <Button kind="main" icon="out" type="submit" disabled={!ready || busy}>
            {words.act}
          </Button>
          <CopyIcon text={commandOf(input)} what={strings.copy.command} />
        </div>
      </form>
      {locked && <Unlock why={words.locked} onUnlocked={() => void exportNow(input)} />}
      {failure !== null && !locked && <FailureNote failure={failure} />}
      {exported !== null && <Written exported={exported} />}
    </div>
  )
}

function Written({ exported }: { readonly exported: AnswerOf<"exportBundle"> }) {
  return (
    <section aria-label={words.written} className="flex flex-col gap-2 rounded-lg border border-line bg-surface p-3">
      <h2 className="font-medium">{words.written}</h2>
      <ul className="flex flex-col gap-2">
        {exported.volumes.map(volume => (
          <li key={volume.path} className="flex flex-col gap-1">
            <span className="flex items-center gap-1">
              <code className="min-w-0 break-all">{visibleLine(volume.path)}</code>
              <CopyIcon text={volume.path} what={words.written} />
            </span>
            <span className="flex flex-wrap gap-x-4 text-xs text-muted">
              {strings.bundles.modules(volume.modules)} {strings.units.bytes(volume.bytes)}
              <DigestChip name={strings.bundles.history.bundle} digest={volume.bundle} />
            </span>
          </li>
        ))}
      </ul>
      <p className="text-xs text-muted">{words.checkpoint(exported.checkpoint.size)}</p>
      {exported.notes.map(note => (
        <p key={note} className="text-xs text-pending">
          {visibleLine(note)}
        </p>
      ))}
    </section>
  )
}

function sizeOf(body: Readonly<Record<string, unknown>> | undefined): number | null {
  const { checkpoint } = (body ?? {}) as { checkpoint?: { size?: unknown } }
  return typeof checkpoint?.size === "number" ? checkpoint.size : null
}

function commandOf({ target, digests, since }: InputOf<"exportBundle">): string {
  const what = digests !== undefined ? digests.join(" ") : since !== undefined ? `--since ${since}` : "--all"
  return `l4 export ${what} -o '${target}'`
}
