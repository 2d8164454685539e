/** One entry: what it records, the bytes bound to it, and a proof of its place on demand. */
import { useEffect } from "react"
import { DigestChip } from "../../parts/digest-chip.tsx"
import { FailureNote } from "../../parts/failure-note.tsx"
import { Unlock } from "../../parts/unlock.tsx"
import { linkOf, moduleRoute } from "../../route.ts"
import { strings } from "../../strings.ts"
import { Button } from "../../ui/button.tsx"
import { CopyIcon } from "../../ui/copy.tsx"
import { Waiting } from "../../ui/empty.tsx"
import { saveText } from "../../ui/save.ts"
import { visibleText } from "../../ui/visible-text.ts"
import { type LedgerLine, prove, useLedger } from "./state.ts"

const words = strings.ledger
const shownCharactersMax = 20_000

export function Entry({ line }: { readonly line: LedgerLine }) {
  const subject = subjectOf(line)
  const link = linkTo(line)
  useEffect(() => {
    prove(null)
    return () => prove(null)
  }, [line.sequence])
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so a person without a mouse must reach it
    <section aria-label={words.entry(line.sequence)} className="flex min-h-0 flex-1 flex-col gap-3 overflow-y-auto p-4" tabIndex={0}>
      <header className="flex flex-col gap-1">
        <h2 className="text-base font-semibold">
          {words.entry(line.sequence)}: {words.kinds[line.kind]}
        </h2>
        <p className="text-xs text-muted">
          {words.at} <time dateTime={line.at}>{line.at}</time>, {words.atNote}
        </p>
        <DigestChip name={words.leaf} digest={line.leaf} />
        {link !== null && (
          <a className="text-accent hover:underline" href={link}>
            {words.openMapping}
          </a>
        )}
      </header>
      <section aria-label={words.body} className="flex flex-col gap-1">
        <h3 className="text-xs text-muted">{words.body}</h3>
        <pre className="rounded-lg border border-line bg-surface p-3 font-mono text-xs break-all whitespace-pre-wrap">
          {visibleText(JSON.stringify(line.body, null, 2).slice(0, shownCharactersMax))}
        </pre>
      </section>
      <Parts line={line} />
      {subject !== null && <Proof sequence={line.sequence} subject={subject} />}
    </section>
  )
}

function Parts({ line: { parts } }: { readonly line: LedgerLine }) {
  return (
    <section aria-label={words.parts} className="flex flex-col gap-1">
      <h3 className="text-xs text-muted">{words.parts}</h3>
      {parts.length === 0 ? (
        <p className="text-muted">{words.noParts}</p>
      ) : (
        <ul className="flex flex-col">
          {parts.map((part, at) => (
            <li key={at} className="flex flex-wrap items-center gap-x-4">
              <span>{part.kind}</span>
              <span className="text-xs text-muted tabular-nums">{strings.units.bytes(part.length)}</span>
              <DigestChip name={words.digest} digest={part.digest} />
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

function Proof({ sequence, subject }: { readonly sequence: number; readonly subject: string }) {
  const { proof } = useLedger()
  const locked = proof.state === "failed" && proof.failure.code === "keys-locked"
  return (
    <section aria-label={words.proof.title} className="flex flex-col gap-2">
      <h3 className="text-xs text-muted">{words.proof.title}</h3>
      <p className="text-muted">{words.proof.explain}</p>
      <div className="flex items-center gap-2">
        <Button onClick={() => prove(subject)} disabled={proof.state === "loading"}>
          {words.proof.make}
        </Button>
        <CopyIcon text={`l4 ledger --proof ${subject}`} what={strings.copy.command} />
      </div>
      {proof.state === "loading" && <Waiting text={words.proof.making} />}
      {locked && <Unlock why={words.proof.locked} onUnlocked={() => prove(subject)} />}
      {proof.state === "failed" && !locked && <FailureNote failure={proof.failure} />}
      {proof.state === "done" && (
        <>
          <pre className="rounded-lg border border-line bg-surface p-3 font-mono text-xs break-all whitespace-pre-wrap">
            {visibleText(proof.answer.proof)}
          </pre>
          <div className="flex gap-2">
            <Button icon="out" onClick={() => saveText(words.proof.file(sequence), proof.answer.proof)}>
              {words.proof.save}
            </Button>
            <CopyIcon text={proof.answer.proof} what={words.proof.title} />
          </div>
        </>
      )}
    </section>
  )
}

/** A Digest the record names, for which a proof can be made: an Attestation's, or its Mapping's. */
function subjectOf({ parts, body }: LedgerLine): string | null {
  const attestation = parts.find(({ kind }) => kind === "attestation")?.digest
  return attestation ?? (typeof body.mapping === "string" ? body.mapping : null)
}

function linkTo({ body }: LedgerLine): string | null {
  const claim = body.claim as { module?: { digest?: unknown } } | undefined
  const module = typeof body.module === "string" ? body.module : claim?.module?.digest
  return typeof module === "string" ? linkOf(moduleRoute(module, typeof body.mapping === "string" ? body.mapping : null)) : null
}
