/** The evidence of one Mapping, a tab each; what a person opens is ticked, and the ticks are part of what is signed. */
import { useEffect, useState } from "react"
import type { EngineFailure } from "../../../shared/failure.ts"
import type { Outcome } from "../../../shared/run.ts"
import type { ViewedProperty } from "../../../shared/trust.ts"
import { engine } from "../../engine.ts"
import { Code } from "../../parts/code.tsx"
import { CutText } from "../../parts/cut-text.tsx"
import { DifferenceView } from "../../parts/difference-view.tsx"
import { FailureNote } from "../../parts/failure-note.tsx"
import { InterfaceView } from "../../parts/interface-view.tsx"
import { VerdictView } from "../../parts/verdict-view.tsx"
import { linkOf, moduleRoute } from "../../route.ts"
import { strings } from "../../strings.ts"
import { Button } from "../../ui/button.tsx"
import { Empty } from "../../ui/empty.tsx"
import { Icon } from "../../ui/icon.tsx"
import { Tabs } from "../../ui/tabs.tsx"
import { type Evidence, markViewed, useReview } from "./state.ts"

const words = strings.review
export type EvidenceTab = keyof typeof words.tabs

/** What opening a tab is worth in the signed word. */
const properties: Partial<Record<EvidenceTab, ViewedProperty>> = {
  source: "RTFS_L4_VIEWED_SOURCE",
  interface: "RTFS_L4_VIEWED_INTERFACE",
  examples: "RTFS_L4_VIEWED_EXAMPLES",
  difference: "RTFS_L4_VIEWED_DIFF"
}

/** The tabs there are, in the order in which one reads them. */
export function tabsOf({ shown, difference }: Evidence): EvidenceTab[] {
  return [
    ...(shown.source === null ? [] : (["source"] as const)),
    "interface",
    "examples",
    ...(difference === null ? [] : (["difference"] as const)),
    "verdict"
  ]
}

export const propertyOf = (tab: EvidenceTab): ViewedProperty | undefined => properties[tab]

export function EvidenceTabs({ evidence }: { readonly evidence: Evidence }) {
  const tabs = tabsOf(evidence)
  const [tab, setTab] = useState<EvidenceTab>(tabs[0]!)
  const viewed = useReview(state => state.viewed[evidence.mapping.digest]) ?? []
  const open = tabs.includes(tab) ? tab : tabs[0]!
  const { digest } = evidence.mapping
  useEffect(() => {
    const property = propertyOf(open)
    if (property !== undefined) markViewed(digest, property)
  }, [open, digest])
  return (
    <Tabs
      label={words.evidence}
      value={open}
      onChange={setTab}
      tabs={tabs.map(value => {
        const property = propertyOf(value)
        const ticked = property !== undefined && viewed.includes(property)
        return {
          value,
          label: words.tabs[value],
          badge:
            property === undefined ? undefined : (
              <span className={ticked ? "text-trusted" : "text-muted"}>
                <Icon name={ticked ? "check" : "dash"} className="size-3.5!" />
                <span className="sr-only">{ticked ? words.viewed : words.notViewed}</span>
              </span>
            )
        }
      })}
    >
      <Panel tab={open} evidence={evidence} />
    </Tabs>
  )
}

function Panel({ tab, evidence }: { readonly tab: EvidenceTab; readonly evidence: Evidence }) {
  const { shown, mapping, difference } = evidence
  switch (tab) {
    case "source":
      return <Code text={shown.source ?? ""} label={words.tabs.source} language="rtfs" />
    case "interface":
      return <InterfaceView mapping={mapping.mapping} bytes={shown.bytes} />
    case "examples":
      return <Examples evidence={evidence} />
    case "difference":
      return difference === null ? null : <DifferenceView difference={difference} />
    case "verdict":
      return (
        <VerdictView
          verdict={mapping.verdict}
          attestations={shown.attestations}
          onEvidence={attestation => {
            location.hash = linkOf(moduleRoute(shown.digest, mapping.digest, "attestations", attestation))
          }}
        />
      )
  }
}

/** Run and shown at most. */
const examplesMax = 100

function Examples({ evidence: { shown, mapping } }: { readonly evidence: Evidence }) {
  const [found, setFound] = useState<readonly (Outcome | null)[]>([])
  const [running, setRunning] = useState(false)
  const [failure, setFailure] = useState<EngineFailure | null>(null)
  const examples = shown.examples.slice(0, examplesMax)
  useEffect(() => {
    setFound([])
    setFailure(null)
  }, [mapping.digest])
  if (examples.length === 0) return <Empty title={words.tabs.examples} text={words.examples.none} />
  const runAll = async () => {
    setRunning(true)
    setFailure(null)
    try {
      for (const [at, { args, answers }] of examples.entries()) {
        const { outcome } = await engine.run({
          digest: shown.digest,
          mapping: mapping.digest,
          args,
          review: true,
          ...(answers === undefined ? {} : { answers: [...answers] })
        })
        setFound(before => Object.assign([...before], { [at]: outcome }))
      }
    } catch (error) {
      setFailure(error as EngineFailure)
    } finally {
      setRunning(false)
    }
  }
  const passed = examples.filter(({ result }, at) => valueIn(found[at]) === result).length
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="flex flex-wrap items-center gap-3 px-4 py-2">
        <Button icon="run" onClick={() => void runAll()} disabled={running || mapping.verdict.state === "untrusted"}>
          {running ? words.examples.running : words.examples.runAll}
        </Button>
        <span aria-live="polite" className="text-muted tabular-nums">
          {found.length > 0 && words.examples.passed(passed, examples.length)}
        </span>
        {shown.examples.length > examples.length && (
          <span className="text-xs text-muted">{words.examples.shown(examples.length, shown.examples.length)}</span>
        )}
      </div>
      {failure !== null && <FailureNote failure={failure} />}
      <table className="w-full border-y border-line bg-surface text-left">
        <thead className="text-xs text-muted">
          <tr>
            <th className="py-1.5 pl-4 font-normal">{words.examples.arguments}</th>
            <th className="py-1.5 font-normal">{words.examples.expected}</th>
            <th className="py-1.5 pr-4 font-normal">{words.examples.found}</th>
          </tr>
        </thead>
        <tbody>
          {examples.map(({ args, result }, at) => (
            <tr key={at} className="border-t border-line align-top">
              <td className="py-1.5 pr-4 pl-4">
                <CutText text={args} />
              </td>
              <td className="py-1.5 pr-4">
                <CutText text={result} />
              </td>
              <td className="py-1.5 pr-4">
                <Found outcome={found[at] ?? null} expected={result} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function valueIn(outcome: Outcome | null | undefined): string | null {
  return outcome?.kind === "returned" ? outcome.value : null
}

function Found({ outcome, expected }: { readonly outcome: Outcome | null; readonly expected: string }) {
  if (outcome === null) return <span className="text-muted">{words.examples.notRun}</span>
  const text = valueIn(outcome)
  const same = text === expected
  return (
    <span className={`flex items-start gap-1.5 ${same ? "" : "text-untrusted"}`}>
      <Icon name={same ? "check" : "cross"} className="mt-0.5 size-3.5!" />
      <CutText text={text ?? strings.run.kinds[outcome.kind]} />
    </span>
  )
}
