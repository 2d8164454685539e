/** The Module as text: its Source as it was written, and its bytes disassembled. */
import { useEffect } from "react"
import type { ShownModule } from "../../../shared/engine-contract.ts"
import type { Mapping } from "../../../shared/module.ts"
import { useConnection } from "../../engine.ts"
import { Code } from "../../parts/code.tsx"
import { DigestChip } from "../../parts/digest-chip.tsx"
import { FailureNote } from "../../parts/failure-note.tsx"
import { strings } from "../../strings.ts"
import { CopyIcon } from "../../ui/copy.tsx"
import { Empty, Waiting } from "../../ui/empty.tsx"
import { Rebuild } from "./rebuild.tsx"
import { readWat, useModule } from "./state.ts"

export function SourceTab({ shown, mapping }: { readonly shown: ShownModule; readonly mapping: Mapping | undefined }) {
  if (shown.source === null) return <Empty title={strings.source.label} text={strings.source.none} />
  return (
    <>
      {mapping !== undefined && <Rebuild key={shown.digest} shown={shown} mapping={mapping} />}
      <Text text={shown.source} label={strings.source.label} language="rtfs">
        {mapping?.source != null && <DigestChip name={strings.source.label} digest={mapping.source.digest} />}
      </Text>
    </>
  )
}

export function WatTab({ digest }: { readonly digest: string }) {
  const { wat } = useModule()
  const generation = useConnection(state => state.generation)
  useEffect(() => {
    if (wat.state === "idle" && generation > 0) readWat(digest)
  }, [digest, wat.state, generation])
  if (wat.state === "failed") return <FailureNote failure={wat.failure} again={() => readWat(digest)} />
  if (wat.state !== "done") return <Waiting text={strings.wat.loading} />
  return <Text text={wat.answer} label={strings.wat.label} language="wat" />
}

function Text({
  text,
  label,
  language,
  children
}: {
  readonly text: string
  readonly label: string
  readonly language: string
  readonly children?: React.ReactNode
}) {
  return (
    <div className="flex min-h-0 flex-1 flex-col bg-surface">
      <div className="flex items-center gap-3 border-b border-line px-4 py-1 text-xs text-muted">
        <span className="tabular-nums">{strings.units.bytes(new TextEncoder().encode(text).length)}</span>
        {children}
        <span className="grow" />
        <CopyIcon text={text} what={label} />
      </div>
      <Code text={text} label={label} language={language} />
    </div>
  )
}
