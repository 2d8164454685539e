/** Two Mappings side by side: on which inputs they part, and what differs in Interface, Source, size and fuel. */
import { useEffect, useState } from "react"
import type { AnswerOf, ModuleRow } from "../../../shared/engine-contract.ts"
import type { Outcome } from "../../../shared/run.ts"
import { engine } from "../../engine.ts"
import type { Asked } from "../../parts/asked.ts"
import { createAsker, idle } from "../../parts/asked.ts"
import { FailureNote } from "../../parts/failure-note.tsx"
import { TypeText } from "../../parts/type-text.tsx"
import { VerdictBadge } from "../../parts/verdict-badge.tsx"
import { strings } from "../../strings.ts"
import { Dialog } from "../../ui/dialog.tsx"
import { DiffView } from "../../ui/diff-view.tsx"
import { Waiting } from "../../ui/empty.tsx"
import { visibleLine } from "../../ui/visible-text.ts"

const words = strings.explore.compare
const shownMax = 20

interface Compared {
  readonly probe: AnswerOf<"probe"> | null
  readonly sources: readonly [string | null, string | null]
}

export function Compare({ one, other, onClose }: { readonly one: ModuleRow; readonly other: ModuleRow; readonly onClose: () => void }) {
  const [asked, setAsked] = useState<Asked<Compared>>(idle)
  const [ask] = useState(() => createAsker<Compared>(setAsked))
  useEffect(() => {
    void ask(async signal => {
      const [first, second] = await Promise.all([one, other].map(({ digest, mapping }) => engine.show({ digest, mapping }, { signal })))
      const runs = one.verdict !== "untrusted" && other.verdict !== "untrusted" && one.interfaceHash === other.interfaceHash
      const probe = runs
        ? await engine.probe({ digest: one.digest, mapping: one.mapping, against: other.mapping, review: true }, { signal })
        : null
      return { probe, sources: [first?.source ?? null, second?.source ?? null] }
    })
    return () => void ask(null)
  }, [one, other, ask])
  return (
    <Dialog open onClose={onClose} title={words.title} closeLabel={strings.settings.close} className="w-[min(64rem,calc(100vw-2rem))]!">
      <div className="flex min-h-0 flex-1 flex-col gap-3 overflow-y-auto p-4">
        <div className="grid gap-3 md:grid-cols-2">
          {[one, other].map(row => (
            <section key={row.mapping} className="flex min-w-0 flex-col gap-1 rounded-lg border border-line p-3">
              <VerdictBadge state={row.verdict} />
              <h3 className="font-medium break-words">{visibleLine(row.task)}</h3>
              <TypeText text={row.interface} className="break-words" />
              <span className="text-xs text-muted tabular-nums">
                {strings.units.bytes(row.bytes)}, {strings.explore.fuel} {strings.units.count(row.fuel)}, {strings.explore.used(row.hits)}
              </span>
            </section>
          ))}
        </div>
        {asked.state === "loading" && <Waiting text={words.running} />}
        {asked.state === "failed" && <FailureNote failure={asked.failure} />}
        {asked.state === "done" && <Shown compared={asked.answer} equal={one.interfaceHash === other.interfaceHash} />}
      </div>
    </Dialog>
  )
}

function Shown({ compared: { probe, sources }, equal }: { readonly compared: Compared; readonly equal: boolean }) {
  const [before, after] = sources
  return (
    <>
      <section aria-label={words.behaviour} className="flex flex-col gap-2">
        <h3 className="font-medium">{words.behaviour}</h3>
        {probe === null ? <p className="text-muted">{equal ? words.untrusted : words.otherInterface}</p> : <Behaviour probe={probe} />}
      </section>
      <section>
        <h3 className="font-medium">{strings.source.label}</h3>
        {before === null || after === null ? (
          <p className="text-muted">{strings.source.none}</p>
        ) : (
          <DiffView before={before} after={after} label={strings.source.label} empty={words.sameSource} more={strings.diffMore} />
        )}
      </section>
    </>
  )
}

function Behaviour({ probe }: { readonly probe: AnswerOf<"probe"> }) {
  if (probe.disagreements.length === 0) return <p>{words.agree(probe.decided)}</p>
  return (
    <>
      <p>{words.differ(probe.disagreements.length, probe.decided)}</p>
      <table className="w-full text-left">
        <thead className="text-xs text-muted">
          <tr>
            {[words.input, words.here, words.there].map(name => (
              <th key={name} scope="col" className="py-1 pr-4 font-normal">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {probe.disagreements.slice(0, shownMax).map(({ args, here, there }) => (
            <tr key={args} className="border-t border-line align-top">
              {[args, outcomeText(here), outcomeText(there)].map((text, at) => (
                <td key={at} className="py-1 pr-4">
                  <code className="break-words">{visibleLine(text)}</code>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}

function outcomeText(outcome: Outcome): string {
  if (outcome.kind === "returned") return outcome.value
  return outcome.kind === "failed" ? `${outcome.category}: ${outcome.message}` : strings.run.kinds[outcome.kind]
}
