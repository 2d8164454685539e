/** Author: write a Module where its diagnostics, its Interface and its Examples answer as one types, then publish it as Pending. */
import { lazy, Suspense, useEffect, useMemo, useState } from "react"
import { indented } from "../../../shared/indent.ts"
import { functionDocs } from "../../../shared/library-docs.ts"
import type { Diagnostic } from "../../../shared/module.ts"
import { useConnection } from "../../engine.ts"
import { Code } from "../../parts/code.tsx"
import { DigestChip } from "../../parts/digest-chip.tsx"
import { FailureNote } from "../../parts/failure-note.tsx"
import { forgetHandedExample } from "../../parts/handed-example.ts"
import { TypeText } from "../../parts/type-text.tsx"
import { VerdictBadge } from "../../parts/verdict-badge.tsx"
import type { Route } from "../../route.ts"
import { linkOf, moduleRoute, navigate } from "../../route.ts"
import { strings } from "../../strings.ts"
import { Button, IconButton } from "../../ui/button.tsx"
import type { Mark } from "../../ui/code-editor.tsx"
import { Waiting } from "../../ui/empty.tsx"
import { Field, inputClass } from "../../ui/field.tsx"
import { Icon } from "../../ui/icon.tsx"
import { Menu, MenuItem } from "../../ui/menu.tsx"
import { Split } from "../../ui/split.tsx"
import { visibleLine } from "../../ui/visible-text.ts"
import { useWide } from "../../ui/wide.ts"
import { ExamplesTable } from "./examples-table.tsx"
import { Publish } from "./publish.tsx"
import { blank, compileNow, discard, openFrom, readWat, undoDiscard, useAuthor, write } from "./state.ts"
import { templates } from "./templates.ts"

const CodeEditor = lazy(() => import("../../ui/code-editor.tsx"))

type AuthorRoute = Extract<Route, { screen: "author" }>

const words = strings.author
const sourceBytesMax = 262_144

export function AuthorScreen({ route }: { readonly route: AuthorRoute }) {
  const generation = useConnection(state => state.generation)
  const wide = useWide(900)
  useEffect(() => {
    if (generation > 0) compileNow()
  }, [generation])
  useEffect(() => {
    if (route.from === null) return
    void openFrom(route.from)
      .catch(() => {})
      .finally(() => {
        forgetHandedExample()
        navigate({ screen: "author", from: null }, { replace: true })
      })
  }, [route.from])
  const [goTo, setGoTo] = useState<{ readonly at: number } | null>(null)
  return (
    <section aria-labelledby="screen-title" className="flex min-h-0 flex-1 flex-col">
      <Bar />
      {wide ? (
        <Split id="author" label={words.resize} first={<Editor goTo={goTo} />} second={<Side goTo={setGoTo} />} firstSize="54" />
      ) : (
        <>
          <div className="flex h-[45%] min-h-52 flex-col border-b border-line">
            <Editor goTo={goTo} />
          </div>
          <Side goTo={setGoTo} />
        </>
      )}
    </section>
  )
}

function Bar() {
  const { draft, discarded } = useAuthor()
  return (
    <header className="flex flex-wrap items-center gap-x-3 gap-y-2 border-b border-line px-4 py-2">
      <h1 id="screen-title" tabIndex={-1} className="text-lg font-semibold">
        {words.title}
      </h1>
      <span className="text-xs text-muted">{words.saved}</span>
      <span className="grow" />
      {discarded !== null && (
        <Button kind="plain" onClick={undoDiscard}>
          {words.undoDiscard}
        </Button>
      )}
      <Button kind="plain" onClick={discard}>
        {words.discard}
      </Button>
      <Button title={words.formatHint} onClick={() => write({ source: indented(draft.source) })}>
        {words.format}
      </Button>
      <Menu label={words.template} icon="author">
        {(Object.keys(templates) as (keyof typeof templates)[]).map(name => (
          <MenuItem key={name} onSelect={() => write({ ...blank(), ...templates[name] })}>
            {words.templates[name]}
          </MenuItem>
        ))}
      </Menu>
    </header>
  )
}

const completions = functionDocs.map(({ name, call, does }) => ({ label: name, detail: call, info: does }))

function Editor({ goTo }: { readonly goTo: { readonly at: number } | null }) {
  const { draft, compiled } = useAuthor()
  const bytes = useMemo(() => new TextEncoder().encode(draft.source).length, [draft.source])
  const diagnostics = compiled.state === "done" ? compiled.answer.diagnostics : noDiagnostics
  const marks = useMemo(() => diagnostics.map(markOf), [diagnostics])
  return (
    <div className="flex min-h-0 flex-1 flex-col bg-surface">
      <Suspense fallback={<Waiting text={strings.loadingScreen} />}>
        <CodeEditor
          label={words.source}
          language="rtfs"
          value={draft.source}
          onChange={source => write({ source })}
          marks={marks}
          completions={completions}
          onSubmit={compileNow}
          goTo={goTo}
        />
      </Suspense>
      <footer className="flex flex-wrap gap-x-4 border-t border-line px-4 py-1 text-xs text-muted tabular-nums">
        <span className={bytes > sourceBytesMax ? "text-untrusted" : ""}>
          {words.sizes.source(strings.units.bytes(bytes), strings.units.bytes(sourceBytesMax))}{" "}
          {bytes > sourceBytesMax && words.sizes.tooLarge}
        </span>
        {compiled.state === "done" && compiled.answer.kind === "compiled" && (
          <span>{words.sizes.module(strings.units.bytes(compiled.answer.bytes))}</span>
        )}
      </footer>
    </div>
  )
}

const noDiagnostics: readonly Diagnostic[] = []

function markOf({ span, severity, message, expected, found }: Diagnostic): Mark {
  const more = expected === undefined ? "" : `: ${words.compile.expected(expected, found)}`
  return { from: span.start, to: span.end, severity, message: `${message}${more}` }
}

function Side({ goTo }: { readonly goTo: (place: { readonly at: number }) => void }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so a person without a mouse must reach it
    <section aria-label={words.task.words} tabIndex={0} className="flex min-h-0 flex-1 flex-col gap-5 overflow-y-auto p-4">
      <TaskWords />
      <Compiled goTo={goTo} />
      <ExamplesTable />
      <Imports />
      <Publish />
      <Wat />
    </section>
  )
}

function TaskWords() {
  const { draft, near } = useAuthor()
  const canonical = draft.task.normalize("NFC").trim().replace(/\s+/g, " ")
  return (
    <div className="flex flex-col gap-2">
      <label className="flex flex-col gap-1">
        <span className="text-xs text-muted">{words.task.words}</span>
        <textarea
          rows={2}
          value={draft.task}
          placeholder={words.task.placeholder}
          onChange={event => write({ task: event.target.value })}
          className={`${inputClass} resize-y py-1`}
        />
      </label>
      {canonical !== draft.task && canonical !== "" && (
        <p className="text-xs text-muted">
          {words.task.canonical} “{visibleLine(canonical)}”
        </p>
      )}
      {draft.supersedes.map(({ mapping, task }) => (
        <p key={mapping} className="flex items-center gap-2">
          <span className="text-muted">{words.task.superseding}</span>
          <span className="min-w-0 truncate">{visibleLine(task)}</span>
          <IconButton
            icon="cross"
            label={words.task.stop}
            onClick={() => write({ supersedes: draft.supersedes.filter(one => one.mapping !== mapping) })}
          />
        </p>
      ))}
      {near.length > 0 && (
        <section aria-label={words.task.near}>
          <h2 className="text-xs text-muted">{words.task.near}</h2>
          <ul>
            {near.map(row => (
              <li key={row.mapping} className="flex items-center gap-2 py-0.5">
                <VerdictBadge state={row.verdict} />
                <a className="min-w-0 truncate text-accent hover:underline" href={linkOf(moduleRoute(row.digest, row.mapping))}>
                  {visibleLine(row.task)}
                </a>
                {row.similarity !== undefined && (
                  <span className="text-xs whitespace-nowrap text-muted tabular-nums">{words.task.nearOne(row.similarity.toFixed(2))}</span>
                )}
                {!draft.supersedes.some(({ mapping }) => mapping === row.mapping) && (
                  <Button
                    kind="plain"
                    className="h-6!"
                    onClick={() => write({ supersedes: [...draft.supersedes, { mapping: row.mapping, task: row.task }] })}
                  >
                    {words.task.supersede}
                  </Button>
                )}
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  )
}

function Compiled({ goTo }: { readonly goTo: (place: { readonly at: number }) => void }) {
  const { compiled } = useAuthor()
  if (compiled.state === "failed") return <FailureNote failure={compiled.failure} again={compileNow} />
  if (compiled.state === "idle") return null
  if (compiled.state === "loading") return <p className="text-xs text-muted">{words.compile.waiting}</p>
  const { answer } = compiled
  const errors = answer.diagnostics.filter(({ severity }) => severity === "error").length
  return (
    <section aria-label={words.compile.list} className="flex flex-col gap-2">
      <p aria-live="polite" className={`flex items-center gap-1.5 ${errors > 0 ? "text-untrusted" : "text-trusted"}`}>
        <Icon name={errors > 0 ? "untrusted" : "check"} />
        {answer.kind === "compiled" ? words.compile.good(strings.units.ms(answer.compileMs)) : ""}{" "}
        {words.compile.errors(errors, answer.diagnostics.length - errors)}
      </p>
      <ul className="flex flex-col">
        {answer.diagnostics.slice(0, 50).map((diagnostic, at) => (
          <li key={at}>
            <button
              type="button"
              onClick={() => goTo({ at: diagnostic.span.start })}
              className="flex w-full items-start gap-2 rounded px-1 py-0.5 text-left hover:bg-sunken"
            >
              <Icon name={diagnostic.severity === "error" ? "untrusted" : "warning"} className="mt-0.5 size-3.5! text-muted" />
              <span className="min-w-0">
                <span className="text-xs text-muted">{words.compile.at(diagnostic.span.line, diagnostic.span.column)}</span>{" "}
                <span className="break-words">{visibleLine(markOf(diagnostic).message)}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
      {answer.kind === "compiled" && (
        <dl className="grid grid-cols-[6rem_1fr] gap-x-3 gap-y-1">
          <dt className="text-muted">{words.compile.entry}</dt>
          <dd>
            <code>{visibleLine(answer.entry)}</code>
          </dd>
          <dt className="text-muted">{words.compile.declared}</dt>
          <dd className="min-w-0">
            <TypeText text={answer.interface.text} className="break-words" />
          </dd>
          {answer.inferred !== undefined && (
            <>
              <dt className="text-muted">{words.compile.inferred}</dt>
              <dd className="min-w-0" title={words.compile.useInferred}>
                <code className="break-words text-muted">{visibleLine(answer.inferred)}</code>
              </dd>
            </>
          )}
          <dt className="text-muted">{words.compile.digest}</dt>
          <dd>
            <DigestChip name={words.compile.digest} digest={answer.digest} />
          </dd>
        </dl>
      )}
    </section>
  )
}

function Imports() {
  const { imports } = useAuthor(({ draft }) => draft)
  const change = (at: number, part: Partial<(typeof imports)[number]>) =>
    write({ imports: imports.map((one, position) => (position === at ? { ...one, ...part } : one)) })
  return (
    <section aria-label={words.imports.title} className="flex flex-col gap-2">
      <header className="flex items-center justify-between">
        <h2 className="font-medium">{words.imports.title}</h2>
        <Button icon="plus" onClick={() => write({ imports: [...imports, { name: "", digest: "" }] })}>
          {words.imports.add}
        </Button>
      </header>
      {imports.map((one, at) => (
        <div key={at} className="flex items-end gap-2">
          <Field className="w-32" label={words.imports.name} mono value={one.name} onChange={name => change(at, { name })} />
          <Field
            className="grow"
            label={words.imports.digest}
            mono
            value={one.digest}
            onChange={digest => change(at, { digest: digest.trim() })}
          />
          <IconButton
            icon="cross"
            label={words.imports.remove(one.name)}
            onClick={() => write({ imports: imports.filter((_, position) => position !== at) })}
          />
        </div>
      ))}
    </section>
  )
}

function Wat() {
  const { wat, compiled } = useAuthor()
  if (compiled.state !== "done" || compiled.answer.kind !== "compiled") return null
  return (
    <details onToggle={event => event.currentTarget.open && wat.state === "idle" && readWat()}>
      <summary>{words.wat.show}</summary>
      {wat.state === "loading" && <Waiting text={words.wat.loading} />}
      {wat.state === "failed" && <FailureNote failure={wat.failure} again={readWat} />}
      {wat.state === "done" && (
        <div className="flex h-80 flex-col rounded-lg border border-line bg-surface">
          <Code text={wat.answer} label={words.wat.show} language="wat" />
        </div>
      )}
    </details>
  )
}
