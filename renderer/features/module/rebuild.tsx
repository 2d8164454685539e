/** Compiles the stored Source again and says whether it gives the very bytes that are stored: provenance anybody can check. */
import { useState } from "react"
import type { ShownModule } from "../../../shared/engine-contract.ts"
import type { Mapping } from "../../../shared/module.ts"
import { engine } from "../../engine.ts"
import type { Asked } from "../../parts/asked.ts"
import { createAsker, idle } from "../../parts/asked.ts"
import { DigestChip } from "../../parts/digest-chip.tsx"
import { FailureNote } from "../../parts/failure-note.tsx"
import { strings } from "../../strings.ts"
import { Button } from "../../ui/button.tsx"
import { Icon } from "../../ui/icon.tsx"
import { visibleLine } from "../../ui/visible-text.ts"

const words = strings.rebuild

type Rebuilt =
  | { readonly kind: "compiled"; readonly digest: string; readonly bytes: number; readonly compileMs: number }
  | { readonly kind: "rejected"; readonly why: string }

export function Rebuild({ shown, mapping }: { readonly shown: ShownModule; readonly mapping: Mapping }) {
  const [asked, setAsked] = useState<Asked<Rebuilt>>(idle)
  const [ask] = useState(() => createAsker<Rebuilt>(setAsked))
  const { source } = shown
  return (
    <section aria-label={words.title} className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line px-4 py-1.5">
      {source === null ? (
        <p className="text-muted">{words.noSource}</p>
      ) : (
        <Button
          icon="check"
          title={words.help}
          disabled={asked.state === "loading"}
          onClick={() => void ask(signal => rebuild(source, mapping, signal))}
        >
          {asked.state === "loading" ? words.running : words.act}
        </Button>
      )}
      {source !== null && asked.state === "idle" && <p className="text-xs text-muted">{words.help}</p>}
      <div aria-live="polite" className="flex min-w-0 flex-wrap items-center gap-x-4 gap-y-1">
        {asked.state === "done" && <Answer rebuilt={asked.answer} stored={shown.digest} />}
      </div>
      {asked.state === "failed" && <FailureNote failure={asked.failure} />}
    </section>
  )
}

function Answer({ rebuilt, stored }: { readonly rebuilt: Rebuilt; readonly stored: string }) {
  const equal = rebuilt.kind === "compiled" && rebuilt.digest === stored
  return (
    <>
      <p className={`flex items-center gap-1.5 ${equal ? "text-trusted" : "text-untrusted"}`}>
        <Icon name={equal ? "check" : "untrusted"} />
        {equal ? words.equal : rebuilt.kind === "rejected" ? words.rejected : words.different}
      </p>
      <DigestChip name={words.expected} digest={stored} />
      {rebuilt.kind === "compiled" ? (
        <>
          <DigestChip name={words.found} digest={rebuilt.digest} />
          <span className="text-xs text-muted">{words.took(strings.units.ms(rebuilt.compileMs), strings.units.bytes(rebuilt.bytes))}</span>
        </>
      ) : (
        <span className="text-xs text-muted">{visibleLine(rebuilt.why)}</span>
      )}
    </>
  )
}

async function rebuild(source: string, { entry, imports }: Mapping, signal: AbortSignal): Promise<Rebuilt> {
  const answer = await engine.compile(
    { source, entry, ...(imports === undefined ? {} : { imports: imports.map(one => ({ ...one })) }) },
    { signal }
  )
  if (answer.kind === "rejected") return { kind: "rejected", why: answer.diagnostics[0]?.message ?? "" }
  const { kind, digest, bytes, compileMs } = answer
  return { kind, digest, bytes, compileMs }
}
