/** Explore: find a Module by words and TYPE, see why it ranks and whether it may be trusted. */
import { useEffect, useState } from "react"
import { arrowText, readInterface, TypeTextError } from "../../../shared/type-text.ts"
import { commandOf } from "../../commands.ts"
import { useConnection } from "../../engine.ts"
import { FailureNote } from "../../parts/failure-note.tsx"
import type { Route } from "../../route.ts"
import { exploreRoute, facets, linkOf, navigate, verdictStates } from "../../route.ts"
import { strings } from "../../strings.ts"
import { Button } from "../../ui/button.tsx"
import { CopyIcon } from "../../ui/copy.tsx"
import { Empty, Waiting } from "../../ui/empty.tsx"
import { Field } from "../../ui/field.tsx"
import { Select } from "../../ui/select.tsx"
import { Split } from "../../ui/split.tsx"
import { useWide } from "../../ui/wide.ts"
import { ExamplesBar } from "./examples-bar.tsx"
import { Preview } from "./preview.tsx"
import { ResultList } from "./result-list.tsx"
import { explore, findRows, isFind, useExplore } from "./state.ts"

type ExploreRoute = Extract<Route, { screen: "explore" }>

export function ExploreScreen({ route }: { readonly route: ExploreRoute }) {
  const generation = useConnection(state => state.generation)
  const wide = useWide(900)
  const link = linkOf(route)
  useEffect(() => {
    if (generation > 0) explore(route)
  }, [link, generation])
  return (
    <section aria-labelledby="screen-title" className="flex min-h-0 flex-1 flex-col">
      <FilterBar route={route} />
      <ExamplesBar route={route} />
      {wide ? (
        <Split id="explore" label={strings.explore.resize} first={<Results route={route} />} second={<Preview />} />
      ) : (
        <Results route={route} />
      )}
    </section>
  )
}

function FilterBar({ route }: { readonly route: ExploreRoute }) {
  const { rows, total, asking } = useExplore()
  const [type, setType] = useState(route.type)
  useEffect(() => setType(route.type), [route.type])
  const reading = readTyped(type)
  const typed = (text: string) => {
    setType(text)
    if (readTyped(text).error === undefined) navigate({ ...route, type: text.trim() }, { replace: true })
  }
  return (
    <header className="flex flex-wrap items-start gap-x-4 gap-y-2 border-b border-line px-4 py-2.5">
      <div className="flex min-w-40 flex-col">
        <h1 id="screen-title" tabIndex={-1} className="text-lg font-semibold">
          {strings.screens.explore}
        </h1>
        <p className="text-xs text-muted" aria-live="polite">
          {asking === "first" && rows.length === 0 ? strings.explore.loading : summaryOf(route, rows.length, total)}
        </p>
      </div>
      <Field
        className="w-72 max-w-full grow sm:grow-0"
        label={strings.explore.type}
        labelHidden
        mono
        value={type}
        onChange={typed}
        placeholder={`${strings.explore.type}  ${strings.explore.typePlaceholder}`}
        error={reading.error}
        note={reading.read}
        title={strings.explore.typeHelp}
      />
      <Select
        label={strings.explore.verdictFilter}
        className="w-36"
        value={route.verdict ?? "any"}
        onChange={value => navigate({ ...route, verdict: value === "any" ? null : value }, { replace: true })}
        options={[
          { value: "any" as const, label: `${strings.explore.verdictFilter}: ${strings.explore.any}` },
          ...verdictStates.map(value => ({ value, label: strings.verdicts[value] }))
        ]}
      />
      <Select
        label={strings.explore.facet}
        className="w-40"
        value={route.facet ?? "any"}
        onChange={value => navigate({ ...route, facet: value === "any" ? null : value }, { replace: true })}
        options={[
          { value: "any" as const, label: strings.explore.facets.any },
          ...facets.map(value => ({ value, label: strings.explore.facets[value] }))
        ]}
      />
      <div className="flex items-center gap-1">
        {(isFind(route) || route.verdict !== null) && (
          <Button kind="plain" icon="cross" onClick={() => navigate(exploreRoute)}>
            {strings.explore.reset}
          </Button>
        )}
        <CopyIcon text={commandOf.find(route.words)} what={strings.copy.command} />
      </div>
    </header>
  )
}

function summaryOf(route: ExploreRoute, shown: number, total: number): string {
  const finding = isFind(route)
  if (finding && shown >= findRows) return strings.explore.best(shown)
  return `${strings.explore.count(shown, total)} · ${finding ? strings.explore.bestFirst : strings.explore.newestFirst}`
}

/** What a TYPE was read as, where that differs from what was typed; or why it cannot be read. */
function readTyped(text: string): { read?: string; error?: string } {
  if (text.trim() === "") return {}
  try {
    const shown = arrowText(readInterface(text))
    return shown === text.trim() ? {} : { read: `${strings.explore.typeRead} ${shown}` }
  } catch (error) {
    return { error: error instanceof TypeTextError ? `${error.message} (at ${error.position + 1})` : String(error) }
  }
}

function Results({ route }: { readonly route: ExploreRoute }) {
  const { rows, asking, failure, filters } = useExplore()
  if (failure !== null) return <FailureNote failure={failure} again={() => explore(route)} />
  if (rows.length > 0) return <ResultList />
  if (asking !== null || filters === null) return <Waiting text={strings.explore.loading} />
  const filtered = isFind(route) || route.verdict !== null
  if (!filtered) {
    return (
      <Empty icon="store" title={strings.explore.emptyStoreTitle} text={strings.explore.emptyStoreText}>
        <code>l4 init --with-library</code>
      </Empty>
    )
  }
  return (
    <Empty icon="explore" title={strings.explore.emptyTitle} text={strings.explore.emptyText}>
      <Button onClick={() => navigate(exploreRoute)}>{strings.explore.reset}</Button>
    </Empty>
  )
}
