/** Run: give a Mapping its arguments, run it behind the wall, see how it ended. */
import { useEffect, useRef, useState } from "react"
import type { ShownModule } from "../../../shared/engine-contract.ts"
import type { VerdictState } from "../../../shared/trust.ts"
import { commandOf } from "../../commands.ts"
import { useConnection } from "../../engine.ts"
import { FailureNote } from "../../parts/failure-note.tsx"
import { TaskTitle } from "../../parts/task-title.tsx"
import { TypeText } from "../../parts/type-text.tsx"
import { VerdictBadge } from "../../parts/verdict-badge.tsx"
import type { Route } from "../../route.ts"
import { exploreRoute, moduleRoute, navigate, runRoute } from "../../route.ts"
import { strings } from "../../strings.ts"
import { Button, IconButton } from "../../ui/button.tsx"
import { CopyButton } from "../../ui/copy.tsx"
import { Empty, Waiting } from "../../ui/empty.tsx"
import { Icon } from "../../ui/icon.tsx"
import { Select } from "../../ui/select.tsx"
import { visibleLine } from "../../ui/visible-text.ts"
import { answersProblem } from "./answers.ts"
import { AnswersForm } from "./answers-form.tsx"
import { ArgumentForm } from "./argument-form.tsx"
import { LimitsForm } from "./limits.tsx"
import { OutcomeView } from "./outcome.tsx"
import type { PastRun } from "./state.ts"
import { askForAnswer, clearHistory, openRun, saveExample, startRun, takeRun, useRun } from "./state.ts"

type RunRoute = Extract<Route, { screen: "run" }>
type ShownMapping = ShownModule["mappings"][number]

export function RunScreen({ route }: { readonly route: RunRoute }) {
  const generation = useConnection(state => state.generation)
  const { shown, mapping } = useRun()
  useEffect(() => {
    if (generation > 0) openRun(route.digest, route.mapping, route.args, { again: true })
  }, [route.digest, route.mapping, route.args, generation])
  const chosen = shown.state === "done" ? shown.answer.mappings.find(candidate => candidate.digest === mapping) : undefined
  return (
    <section aria-labelledby="screen-title" className="flex min-h-0 flex-1 flex-col overflow-y-auto">
      {shown.state === "done" && chosen !== undefined ? (
        <>
          <Head shown={shown.answer} chosen={chosen} />
          <div className="grid flex-1 content-start gap-x-6 gap-y-6 p-4 lg:grid-cols-2">
            <div className="flex min-w-0 flex-col gap-6">
              {chosen.verdict.state === "untrusted" ? (
                <NeverRuns shown={shown.answer} chosen={chosen} />
              ) : (
                <Given shown={shown.answer} chosen={chosen} />
              )}
            </div>
            <div className="flex min-w-0 flex-col gap-6">
              <Result />
              <History />
            </div>
          </div>
        </>
      ) : (
        <h1 id="screen-title" tabIndex={-1} className="sr-only">
          {strings.screens.run}
        </h1>
      )}
      {shown.state === "loading" && <Waiting text={strings.module.loading} />}
      {shown.state === "failed" && (
        <FailureNote failure={shown.failure} again={() => openRun(route.digest, route.mapping, route.args, { again: true })} />
      )}
      {shown.state === "idle" && (
        <Empty icon="run" title={strings.run.none} text={strings.run.noneText}>
          <Button onClick={() => navigate(exploreRoute)}>{strings.module.toExplore}</Button>
        </Empty>
      )}
    </section>
  )
}

function Head({ shown, chosen }: { readonly shown: ShownModule; readonly chosen: ShownMapping }) {
  return (
    <header className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2 border-b border-line px-4 pt-3 pb-2.5">
      <div className="flex min-w-0 flex-1 basis-80 flex-col gap-1">
        <TaskTitle text={chosen.mapping.task.text} />
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <VerdictBadge state={chosen.verdict.state} />
          <TypeText text={chosen.mapping.interface.canonical} className="min-w-0 break-words" />
        </div>
      </div>
      <div className="flex flex-wrap items-center gap-2">
        {shown.mappings.length > 1 && (
          <Select
            label={strings.module.mapping}
            className="max-w-80"
            value={chosen.digest as string}
            onChange={mapping => navigate(runRoute(shown.digest, mapping))}
            options={shown.mappings.map(mapping => ({
              value: mapping.digest as string,
              label: `${visibleLine(mapping.mapping.task.text)}, ${strings.verdicts[mapping.verdict.state]}`
            }))}
          />
        )}
        <Button icon="module" onClick={() => navigate(moduleRoute(shown.digest, chosen.digest))}>
          {strings.screens.module}
        </Button>
      </div>
    </header>
  )
}

function NeverRuns({ shown, chosen }: { readonly shown: ShownModule; readonly chosen: ShownMapping }) {
  return (
    <div className="flex items-start gap-3 rounded-lg border border-line bg-untrusted-ground p-4">
      <Icon name="untrusted" className="mt-0.5 text-untrusted" />
      <div className="flex flex-col items-start gap-2">
        <p>{strings.run.neverRuns}</p>
        <Button onClick={() => navigate(moduleRoute(shown.digest, chosen.digest))}>{strings.run.seeVerdict}</Button>
      </div>
    </div>
  )
}

function Given({ shown, chosen }: { readonly shown: ShownModule; readonly chosen: ShownMapping }) {
  const { literal, problem, answers, running } = useRun()
  const wrongAnswers = answersProblem(answers)
  const runButton = useRef<HTMLButtonElement>(null)
  const state: VerdictState = chosen.verdict.state
  return (
    <form
      aria-label={strings.run.arguments}
      className="flex flex-col gap-3 rounded-lg border border-line bg-surface p-4"
      onSubmit={event => {
        event.preventDefault()
        void startRun()
      }}
    >
      <h2 className="font-semibold">{strings.run.arguments}</h2>
      {state === "pending" && (
        <p className="flex gap-2 rounded-md bg-pending-ground px-3 py-2 text-xs text-pending">
          <Icon name="pending" />
          {strings.run.reviewNote}
        </p>
      )}
      <ArgumentForm />
      <AnswersForm />
      <LimitsForm />
      <div className="flex flex-wrap items-center gap-2 border-t border-line pt-3">
        <Button
          ref={runButton}
          kind="main"
          icon="run"
          type="submit"
          disabled={problem !== null || wrongAnswers !== null}
          aria-disabled={running !== null}
          className="aria-disabled:opacity-50"
        >
          {state === "pending" ? strings.run.startReview : strings.run.start}
        </Button>
        {running !== null && (
          <Button
            icon="cross"
            onClick={() => {
              running.stop()
              runButton.current?.focus()
            }}
          >
            {strings.run.stop}
          </Button>
        )}
        <CopyButton text={commandOf.run(shown.digest, chosen.digest, literal, state)} what={strings.copy.command}>
          {strings.run.copyCommand}
        </CopyButton>
        {wrongAnswers !== null && <p className="basis-full text-xs text-untrusted">{wrongAnswers}</p>}
      </div>
    </form>
  )
}

function Result() {
  const { running, answer, failure, history } = useRun()
  const past = history.find(one => one.answer === answer)
  return (
    <section aria-labelledby="outcome-title" className="flex min-h-32 flex-col gap-3 rounded-lg border border-line bg-surface p-4">
      <h2 id="outcome-title" className="font-semibold">
        {strings.run.outcome}
      </h2>
      {running !== null && <Ticking sinceMs={running.sinceMs} />}
      {running === null &&
        failure !== null &&
        (failure.code === "cancelled" ? (
          <p className="text-muted">{strings.run.cancelled}</p>
        ) : (
          <FailureNote failure={failure} again={() => void startRun()} />
        ))}
      {running === null && failure === null && answer !== null && <OutcomeView outcome={answer.outcome} review={answer.review} />}
      {running === null && failure === null && past !== undefined && <Follow past={past} />}
      {running === null && failure === null && answer === null && <p className="text-muted">{strings.run.noOutcome}</p>}
    </section>
  )
}

/** What a person may want next: answer the call it stood still at, or keep the Run as an Example. */
function Follow({ past }: { readonly past: PastRun }) {
  const { outcome } = past.answer
  const answers = useRun(state => state.answers)
  if (outcome.kind === "needs-host")
    return (
      <Button icon="plus" className="self-start" disabled={answers.length > past.answers.length} onClick={() => askForAnswer(outcome)}>
        {strings.run.answers.addAsked}
      </Button>
    )
  if (outcome.kind !== "returned") return null
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <Button icon="author" onClick={() => void saveExample(past)}>
        {strings.run.saveExample}
      </Button>
      <span className="text-xs text-muted">{strings.run.saveExampleHelp}</span>
    </div>
  )
}

function Ticking({ sinceMs }: { readonly sinceMs: number }) {
  const [now, setNow] = useState(performance.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), 100)
    return () => clearInterval(timer)
  }, [])
  return (
    <p className="flex items-center gap-2 text-muted tabular-nums">
      <span aria-hidden="true" className="size-3.5 animate-spin rounded-full border-2 border-line-strong border-t-accent" />
      {strings.run.running} {strings.units.ms(Math.max(0, now - sinceMs))}
    </p>
  )
}

function History() {
  const { history } = useRun()
  return (
    <section aria-labelledby="history-title" className="flex flex-col gap-2">
      <div className="flex h-7 items-center justify-between">
        <h2 id="history-title" className="font-semibold">
          {strings.run.history}
        </h2>
        {history.length > 0 && <IconButton icon="cross" label={strings.run.clearHistory} onClick={clearHistory} />}
      </div>
      {history.length === 0 ? (
        <p className="text-muted">{strings.run.historyEmpty}</p>
      ) : (
        <ol className="flex flex-col divide-y divide-line rounded-lg border border-line bg-surface">
          {history.map(past => (
            <PastRunRow key={past.number} past={past} />
          ))}
        </ol>
      )}
    </section>
  )
}

function PastRunRow({ past }: { readonly past: PastRun }) {
  const { outcome } = past.answer
  const good = outcome.kind === "returned"
  const here = useRun(state => state.mapping === past.mapping)
  return (
    <li className="grid grid-cols-[auto_1fr_auto] items-center gap-x-3 px-3 py-1.5">
      <Icon name={good ? "check" : "warning"} className={good ? "text-trusted" : "text-untrusted"} />
      <div className="min-w-0">
        <p className="truncate font-mono text-xs">
          {visibleLine(past.args.slice(0, 200))} <span className="text-muted">→</span>{" "}
          {good ? visibleLine(outcome.value.slice(0, 200)) : strings.run.kinds[outcome.kind]}
        </p>
        {!here && <p className="truncate text-xs text-muted">{visibleLine(past.task)}</p>}
      </div>
      <IconButton
        icon="back"
        label={`${strings.run.again}: ${past.args.slice(0, 60)}`}
        onClick={() => (here ? takeRun(past) : navigate(runRoute(past.digest, past.mapping, past.args)))}
      />
    </li>
  )
}
