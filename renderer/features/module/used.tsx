/** Where a Mapping was served and run, and what fuel it uses. */
import { useState } from "react"
import type { Served } from "../../../shared/activity.ts"
import type { ShownModule } from "../../../shared/engine-contract.ts"
import { engine } from "../../engine.ts"
import type { Asked } from "../../parts/asked.ts"
import { createAsker, idle } from "../../parts/asked.ts"
import { CutText } from "../../parts/cut-text.tsx"
import { FailureNote } from "../../parts/failure-note.tsx"
import { useAnswer } from "../../parts/use-answer.ts"
import { strings } from "../../strings.ts"
import { Button } from "../../ui/button.tsx"
import { Waiting } from "../../ui/empty.tsx"
import { visibleLine } from "../../ui/visible-text.ts"
import type { ShownMapping } from "./state.ts"

const words = strings.used
const entriesMax = 100

interface TabProps {
  readonly shown: ShownModule
  readonly chosen: ShownMapping
}

export function UsedTab({ shown, chosen }: TabProps) {
  return (
    <section
      aria-label={strings.module.tabs.used}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so a person without a mouse must reach it
      tabIndex={0}
      className="flex min-h-0 flex-1 flex-col overflow-y-auto outline-offset-[-2px]"
    >
      <Hits mapping={chosen.digest} />
      <FuelProfile shown={shown} chosen={chosen} />
    </section>
  )
}

function Hits({ mapping }: { readonly mapping: ShownMapping["digest"] }) {
  const [asked, again] = useAnswer(mapping, signal => engine.hits({ mapping, limit: entriesMax }, { signal }))
  return (
    <section aria-labelledby="hits-title">
      <h2 id="hits-title" className="px-4 pt-3 pb-1 font-medium">
        {words.title}
      </h2>
      {asked.state === "failed" && <FailureNote failure={asked.failure} again={again} />}
      {(asked.state === "loading" || asked.state === "idle") && <Waiting text={words.loading} />}
      {asked.state === "done" &&
        (asked.answer.entries.length === 0 ? (
          <p className="px-4 pb-3 text-muted">
            {words.none}. {words.noneText}
          </p>
        ) : (
          <>
            <p className="px-4 pb-2 text-xs text-muted">{words.shown(asked.answer.entries.length, asked.answer.total)}</p>
            <HitsTable entries={asked.answer.entries} />
          </>
        ))}
    </section>
  )
}

function HitsTable({ entries }: { readonly entries: readonly Served[] }) {
  const names = [words.when, words.kind, words.tier, words.similarity, words.latency, words.outcome, words.fuel]
  return (
    <div className="overflow-x-auto border-y border-line bg-surface">
      <table className="w-full text-left">
        <thead className="text-xs text-muted">
          <tr>
            {names.map(name => (
              <th key={name} scope="col" className="py-1.5 pr-4 font-normal whitespace-nowrap first:pl-4">
                {name}
              </th>
            ))}
            <th scope="col" className="w-full py-1.5 pr-4 font-normal">
              {words.request}
            </th>
          </tr>
        </thead>
        <tbody>
          {entries.map(entry => (
            <tr key={entry.hit} className="border-t border-line align-top tabular-nums *:py-1.5 *:pr-4 *:whitespace-nowrap">
              <td className="pl-4 text-muted">{new Date(entry.atMs).toLocaleString("en", { hour12: false })}</td>
              <td>{strings.dashboard.served.kinds[entry.kind]}</td>
              <td>{entry.tier ?? "–"}</td>
              <td>{entry.kind === "run" ? "–" : entry.similarity.toFixed(3)}</td>
              <td>{strings.units.ms((entry.embedUs + entry.searchUs + entry.fetchUs + entry.runUs) / 1_000)}</td>
              <td>{entry.outcome ?? "–"}</td>
              <td>{entry.fuel > 0 ? strings.units.count(entry.fuel) : "–"}</td>
              <td className="max-w-96 truncate text-muted">{entry.text === null ? words.unkept : visibleLine(entry.text)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

interface Measured {
  readonly args: string
  /** Null where it is not metered. */
  readonly fuel: number | null
}

function FuelProfile({ shown, chosen }: TabProps) {
  const [measured, setMeasured] = useState<Asked<readonly Measured[]>>(idle)
  const [ask] = useState(() => createAsker<readonly Measured[]>(setMeasured))
  const { task } = chosen.mapping
  const [row] = useAnswer(chosen.digest, async signal => {
    const { rows } = await engine.find({ words: task.text, limit: 50 }, { signal })
    return rows.find(({ mapping }) => mapping === chosen.digest)?.fuel ?? null
  })
  const runs = chosen.verdict.state !== "untrusted" && shown.examples.length > 0
  return (
    <section aria-labelledby="fuel-title" className="flex flex-col gap-2 px-4 pt-4 pb-4">
      <h2 id="fuel-title" className="font-medium">
        {words.profile}
      </h2>
      <p className="text-xs text-muted">{words.profileHelp}</p>
      {row.state === "done" && row.answer !== null && <Facts facts={[[words.atPublish, strings.units.count(row.answer)]]} />}
      {runs ? (
        <Button
          icon="run"
          className="self-start"
          disabled={measured.state === "loading"}
          onClick={() => void ask(signal => measure(shown, chosen, signal))}
        >
          {measured.state === "loading" ? words.measuring : words.measure}
        </Button>
      ) : (
        <p className="text-muted">{shown.examples.length === 0 ? words.noExamples : words.untrusted}</p>
      )}
      {measured.state === "failed" && <FailureNote failure={measured.failure} />}
      {measured.state === "done" && <Profile measured={measured.answer} />}
    </section>
  )
}

/** By the difference to itself, which runs the Examples and counts as no Run. */
async function measure({ digest }: ShownModule, chosen: ShownMapping, signal: AbortSignal): Promise<Measured[]> {
  const { examples } = await engine.difference({ digest, mapping: chosen.digest, against: chosen.digest }, { signal })
  return examples.map(({ args, after }) => ({ args, fuel: after === null || after.kind === "rejected" ? null : after.spent.fuel }))
}

function Profile({ measured }: { readonly measured: readonly Measured[] }) {
  const fuels = measured.flatMap(({ fuel }) => (fuel === null ? [] : [fuel])).sort((left, right) => left - right)
  const most = fuels.at(-1) ?? 0
  return (
    <>
      <p aria-live="polite" className="text-xs text-muted">
        {words.measured(measured.length)}
      </p>
      {fuels.length > 0 && (
        <Facts
          facts={[
            [words.least, strings.units.count(fuels[0]!)],
            [words.middle, strings.units.count(fuels[Math.floor((fuels.length - 1) / 2)]!)],
            [words.most, strings.units.count(most)]
          ]}
        />
      )}
      <table className="w-full max-w-4xl text-left">
        <thead className="sr-only">
          <tr>
            <th scope="col">{strings.examples.arguments}</th>
            <th scope="col">{words.fuel}</th>
          </tr>
        </thead>
        <tbody>
          {measured.map(({ args, fuel }, at) => (
            <tr key={at} className="border-t border-line align-top">
              <th scope="row" className="w-1/2 py-1 pr-4 font-normal">
                <CutText text={args} />
              </th>
              <td className="py-1">
                <span className="flex items-center gap-2 tabular-nums">
                  <span className="w-20 shrink-0 text-right">{fuel === null ? strings.run.unmetered : strings.units.count(fuel)}</span>
                  <span aria-hidden="true" className="h-2 grow">
                    <span
                      className="block h-full rounded-sm bg-accent"
                      style={{ width: `${most === 0 ? 0 : ((fuel ?? 0) / most) * 100}%` }}
                    />
                  </span>
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}

function Facts({ facts }: { readonly facts: readonly (readonly [string, string])[] }) {
  return (
    <dl className="flex flex-wrap gap-x-8 gap-y-1">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt className="text-xs text-muted">{name}</dt>
          <dd className="text-base tabular-nums">{value}</dd>
        </div>
      ))}
    </dl>
  )
}
