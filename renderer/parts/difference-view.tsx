/** What one Mapping changes against another: Interface, entry, size, fuel, behaviour on the Examples of both, and Source. */
import type { AnswerOf } from "../../shared/engine-contract.ts"
import type { Outcome } from "../../shared/run.ts"
import { strings } from "../strings.ts"
import { DiffView } from "../ui/diff-view.tsx"
import { visibleLine } from "../ui/visible-text.ts"
import { CutText } from "./cut-text.tsx"

const words = strings.difference

export function DifferenceView({ difference }: { readonly difference: AnswerOf<"difference"> }) {
  const changed = difference.examples.filter(({ same }) => !same)
  const { source } = difference
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <dl className="grid max-w-4xl grid-cols-[10rem_1fr] gap-x-4 gap-y-2 p-4">
        <dt className="text-muted">{words.against}</dt>
        <dd className="min-w-0">
          <code className="break-all">{difference.against}</code>
        </dd>
        <Changed name={words.interface} before={difference.interface.before} after={difference.interface.after} />
        <Changed name={words.entry} before={difference.entry.before} after={difference.entry.after} />
        <Changed
          name={words.bytes}
          before={strings.units.bytes(difference.bytes.before)}
          after={strings.units.bytes(difference.bytes.after)}
        />
        <Changed name={words.fuel} before={fuelText(difference.fuel.before)} after={fuelText(difference.fuel.after)} />
      </dl>
      <section className="border-t border-line">
        <h2 className="px-4 pt-3 pb-1 font-medium">{words.behaviour}</h2>
        {difference.examples.length < difference.examplesInAll && (
          <p className="px-4 pb-1 text-xs text-muted">{words.ran(difference.examples.length, difference.examplesInAll)}</p>
        )}
        {changed.length === 0 ? (
          <p className="px-4 pb-3 text-muted">{words.noBehaviour}</p>
        ) : (
          <table className="w-full border-y border-line bg-surface text-left">
            <thead className="text-xs text-muted">
              <tr>
                <th className="py-1.5 pl-4 font-normal">{words.arguments}</th>
                <th className="py-1.5 font-normal">{words.before}</th>
                <th className="py-1.5 pr-4 font-normal">{words.after}</th>
              </tr>
            </thead>
            <tbody>
              {changed.map(({ args, before, after }) => (
                <tr key={args} className="border-t border-line align-top">
                  <td className="py-1.5 pr-4 pl-4">
                    <CutText text={args} />
                  </td>
                  <td className="py-1.5 pr-4">
                    <Ended outcome={before} />
                  </td>
                  <td className="py-1.5 pr-4">
                    <Ended outcome={after} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
      <section className="border-t border-line">
        <h2 className="px-4 pt-3 font-medium">{words.source}</h2>
        {source.before === null || source.after === null ? (
          <p className="px-4 py-2 text-muted">{words.noSource}</p>
        ) : (
          <DiffView before={source.before} after={source.after} label={words.source} empty={words.same} more={strings.diffMore} />
        )}
      </section>
    </div>
  )
}

function Changed({ name, before, after }: { readonly name: string; readonly before: string; readonly after: string }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="flex min-w-0 flex-wrap gap-x-2">
        {before === after ? (
          <>
            <code className="break-words">{visibleLine(after)}</code>
            <span className="text-muted">{words.same}</span>
          </>
        ) : (
          <>
            <del className="break-words text-untrusted">{visibleLine(before)}</del>
            <ins className="break-words text-trusted no-underline">{visibleLine(after)}</ins>
          </>
        )}
      </dd>
    </>
  )
}

function Ended({ outcome }: { readonly outcome: Outcome | null }) {
  if (outcome === null) return words.untrusted
  return <CutText text={outcome.kind === "returned" ? outcome.value : strings.run.kinds[outcome.kind]} />
}

function fuelText(fuel: number | null): string {
  return fuel === null ? strings.run.unmetered : strings.units.count(fuel)
}
