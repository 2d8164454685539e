/** Module: everything known of one Module, spoken for the Mapping chosen first. */
import { useEffect } from "react"
import type { ShownModule } from "../../../shared/engine-contract.ts"
import { commandOf } from "../../commands.ts"
import { useConnection } from "../../engine.ts"
import { DigestChip } from "../../parts/digest-chip.tsx"
import { FailureNote } from "../../parts/failure-note.tsx"
import { InterfaceView } from "../../parts/interface-view.tsx"
import { TaskTitle } from "../../parts/task-title.tsx"
import { VerdictBadge } from "../../parts/verdict-badge.tsx"
import { VerdictView } from "../../parts/verdict-view.tsx"
import type { ModuleTab, Route } from "../../route.ts"
import { exploreRoute, moduleRoute, moduleTabs, navigate, runRoute } from "../../route.ts"
import { strings } from "../../strings.ts"
import { Button } from "../../ui/button.tsx"
import { CopyIcon } from "../../ui/copy.tsx"
import { Empty, Waiting } from "../../ui/empty.tsx"
import { Select } from "../../ui/select.tsx"
import { Tabs } from "../../ui/tabs.tsx"
import { visibleLine } from "../../ui/visible-text.ts"
import { AttestationsTab } from "./attestations.tsx"
import { BytesTab } from "./bytes.tsx"
import { ExamplesTab } from "./examples.tsx"
import type { ShownMapping } from "./state.ts"
import { chosenMapping, openModule, useModule } from "./state.ts"
import { SourceTab, WatTab } from "./texts.tsx"
import { UsedTab } from "./used.tsx"
import { VersionsTab } from "./versions.tsx"

type ModuleRoute = Extract<Route, { screen: "module" }>

export function ModuleScreen({ route }: { readonly route: ModuleRoute }) {
  const generation = useConnection(state => state.generation)
  const { shown } = useModule()
  useEffect(() => {
    if (generation > 0) openModule(route.digest, { again: true })
  }, [route.digest, generation])
  return (
    <section aria-labelledby="screen-title" className="flex min-h-0 flex-1 flex-col">
      {shown.state === "done" ? (
        <Shown shown={shown.answer} route={route} />
      ) : (
        <h1 id="screen-title" tabIndex={-1} className="sr-only">
          {strings.screens.module}
        </h1>
      )}
      {shown.state === "loading" && <Waiting text={strings.module.loading} />}
      {shown.state === "failed" && <FailureNote failure={shown.failure} again={() => openModule(route.digest, { again: true })} />}
      {shown.state === "idle" && (
        <Empty icon="module" title={strings.module.none} text={strings.module.noneText}>
          <Button onClick={() => navigate(exploreRoute)}>{strings.module.toExplore}</Button>
        </Empty>
      )}
    </section>
  )
}

function Shown({ shown, route }: { readonly shown: ShownModule; readonly route: ModuleRoute }) {
  const chosen = chosenMapping(shown, route.mapping)
  const open = (tab: ModuleTab, attestation: string | null = null) =>
    navigate({ ...route, digest: shown.digest, tab, attestation }, { replace: attestation === null && tab === route.tab })
  const badges: Partial<Record<ModuleTab, number>> = { examples: shown.examples.length, attestations: shown.attestations.length }
  return (
    <>
      <Head shown={shown} chosen={chosen} />
      <Tabs
        label={strings.module.tabsLabel}
        value={route.tab}
        onChange={tab => open(tab)}
        tabs={moduleTabs.map(value => ({
          value,
          label: strings.module.tabs[value],
          badge:
            badges[value] === undefined ? undefined : (
              <span className="rounded-full bg-sunken px-1.5 text-xs text-muted tabular-nums">{badges[value]}</span>
            )
        }))}
      >
        {route.tab === "verdict" && chosen !== undefined && (
          <VerdictView verdict={chosen.verdict} attestations={shown.attestations} onEvidence={digest => open("attestations", digest)} />
        )}
        {route.tab === "interface" && chosen !== undefined && <InterfaceView mapping={chosen.mapping} bytes={shown.bytes} />}
        {route.tab === "source" && <SourceTab shown={shown} mapping={chosen?.mapping} />}
        {route.tab === "examples" && <ExamplesTab shown={shown} chosen={chosen} />}
        {route.tab === "attestations" && (
          <AttestationsTab attestations={shown.attestations} chosen={route.attestation} onChoose={digest => open("attestations", digest)} />
        )}
        {route.tab === "versions" && chosen !== undefined && <VersionsTab key={chosen.digest} chosen={chosen} />}
        {route.tab === "used" && chosen !== undefined && <UsedTab key={chosen.digest} shown={shown} chosen={chosen} />}
        {route.tab === "wat" && <WatTab digest={shown.digest} />}
        {route.tab === "bytes" && <BytesTab digest={shown.digest} />}
      </Tabs>
    </>
  )
}

function Head({ shown, chosen }: { readonly shown: ShownModule; readonly chosen: ShownMapping | undefined }) {
  const state = chosen?.verdict.state
  return (
    <header className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2 px-4 pt-3 pb-2.5">
      <div className="flex min-w-0 flex-1 basis-80 flex-col gap-1.5">
        <TaskTitle text={chosen === undefined ? strings.screens.module : chosen.mapping.task.text} />
        <div className="flex flex-wrap items-center gap-x-4">
          {state !== undefined && <VerdictBadge state={state} />}
          <DigestChip name={strings.module.moduleDigest} digest={shown.digest} />
          {chosen !== undefined && <DigestChip name={strings.module.mappingDigest} digest={chosen.digest} />}
          {chosen !== undefined && chosen.supersededBy.length > 0 && (
            <span className="text-xs text-pending">
              {strings.module.supersededBy} {chosen.supersededBy.length}
            </span>
          )}
        </div>
      </div>
      <div className="flex flex-wrap items-center gap-2">
        {shown.mappings.length > 1 && chosen !== undefined && (
          <Select
            label={strings.module.mapping}
            className="max-w-80"
            value={chosen.digest as string}
            onChange={mapping => navigate(moduleRoute(shown.digest, mapping))}
            options={shown.mappings.map(mapping => ({
              value: mapping.digest as string,
              label: `${mapping.mapping.task.text}, ${strings.verdicts[mapping.verdict.state]}`,
              shown: (
                <span className="flex items-center justify-between gap-3">
                  <span className="truncate">{visibleLine(mapping.mapping.task.text)}</span>
                  <VerdictBadge state={mapping.verdict.state} />
                </span>
              )
            }))}
          />
        )}
        {chosen !== undefined && state !== "untrusted" && (
          <Button kind="main" icon="run" onClick={() => navigate(runRoute(shown.digest, chosen.digest))}>
            {state === "pending" ? strings.module.review : strings.module.run}
          </Button>
        )}
        {chosen !== undefined && state !== "untrusted" && (
          <Button icon="out" onClick={() => navigate({ screen: "bundles", part: "export", digest: chosen.digest })}>
            {strings.module.export}
          </Button>
        )}
        <CopyIcon text={commandOf.show(shown.digest)} what={strings.copy.command} />
      </div>
    </header>
  )
}
