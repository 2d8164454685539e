/** Revocations: what no longer counts and why, and revoking more, with what it changes shown first. */
import { useCallback, useState } from "react"
import type { RevocationReason, Revocations } from "../../../shared/trust.ts"
import { engine } from "../../engine.ts"
import { strings } from "../../strings.ts"
import { Button } from "../../ui/button.tsx"
import { CopyIcon } from "../../ui/copy.tsx"
import { Field } from "../../ui/field.tsx"
import { Select } from "../../ui/select.tsx"
import { TableHead } from "../../ui/table-head.tsx"
import { visibleLine } from "../../ui/visible-text.ts"
import { Confirm } from "./confirm.tsx"
import { documentIn } from "./signed-document.ts"

const words = strings.keys.revocations
const reasons = Object.keys(words.reasons) as RevocationReason[]
const named = /^(sha256:)?[0-9a-f]{4,64}$/

export function RevocationsPart({ document, readOnly }: { readonly document: string | null; readonly readOnly: boolean }) {
  const revocations = document === null ? null : (documentIn(document) as Revocations | null)
  return (
    <div className="flex max-w-4xl flex-col gap-5 p-4">
      <section className="flex flex-col gap-2">
        <h2 className="font-medium">{words.list}</h2>
        {revocations === null || linesOf(revocations).length === 0 ? (
          <p className="text-muted">{words.none}</p>
        ) : (
          <List revocations={revocations} />
        )}
        {revocations !== null && (
          <p className="text-xs text-muted">{words.version(revocations.version, revocations.expires.slice(0, 10))}</p>
        )}
      </section>
      {readOnly ? <p className="text-muted">{strings.keys.readOnly}</p> : <Revoke />}
    </div>
  )
}

function List({ revocations }: { readonly revocations: Revocations }) {
  return (
    <div className="overflow-x-auto rounded-lg border border-line bg-surface">
      <table aria-label={words.list} className="w-full text-left">
        <TableHead names={[words.what, words.reason, words.note]} />
        <tbody>
          {linesOf(revocations).map(({ what, reason, note }, at) => (
            <tr key={at} className="border-t border-line align-top">
              <td className="px-3 py-1.5">
                <code className="break-all">{visibleLine(what)}</code>
              </td>
              <td className="px-3 py-1.5">{words.reasons[reason as RevocationReason] ?? visibleLine(reason)}</td>
              <td className="px-3 py-1.5 break-words">{visibleLine(note)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Revoke() {
  const [what, setWhat] = useState("")
  const [reason, setReason] = useState<RevocationReason>("wrong")
  const [note, setNote] = useState("")
  const [confirming, setConfirming] = useState(false)
  const asked = { what: what.trim(), reason, ...(note.trim() === "" ? {} : { note: note.trim() }) }
  const { what: subject } = asked
  const preview = useCallback(
    async (signal: AbortSignal) => ({ changes: (await engine.revoke({ what: subject, reason, prepare: true }, { signal })).changed }),
    [subject, reason]
  )
  return (
    <form
      className="flex flex-col gap-2"
      onSubmit={event => {
        event.preventDefault()
        if (named.test(subject)) setConfirming(true)
      }}
    >
      <h2 className="font-medium">{words.form}</h2>
      <Field label={words.what} mono value={what} onChange={setWhat} note={words.whatHelp} />
      <div className="flex flex-col gap-1">
        <Select
          label={words.reason}
          className="w-48"
          value={reason}
          onChange={setReason}
          options={reasons.map(value => ({ value, label: words.reasons[value] }))}
        />
        <p className="text-xs text-muted">{words.reasonMeaning[reason]}</p>
      </div>
      <Field label={words.note} maxLength={2_000} value={note} onChange={setNote} />
      <div className="flex items-center gap-2">
        <Button type="submit" icon="untrusted" disabled={!named.test(subject)}>
          {words.preview}
        </Button>
        {named.test(subject) && <CopyIcon text={`l4 revoke ${subject} --reason ${reason}`} what={strings.copy.command} />}
      </div>
      {confirming && (
        <Confirm
          title={words.title}
          explain={words.explain}
          act={words.act}
          done={words.done}
          onClose={() => setConfirming(false)}
          preview={preview}
          make={() => engine.revoke(asked)}
        >
          <p>
            <code className="break-all">{subject}</code> · {words.reasons[reason]}
          </p>
        </Confirm>
      )}
    </form>
  )
}

function linesOf({ keys, modules }: Revocations): { readonly what: string; readonly reason: string; readonly note: string }[] {
  return [
    ...keys.map(({ keyid, reason, asOf }) => ({ what: keyid, reason, note: asOf === undefined ? "" : words.asOf(asOf.size) })),
    ...modules.map(({ digest, reason, note, replacement }) => ({
      what: digest,
      reason,
      note: [note, replacement === undefined ? undefined : words.replacement(replacement)].filter(Boolean).join("; ")
    }))
  ]
}
