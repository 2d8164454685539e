/** Commands that work on a Source and need no store: compile, eval. */
import { writeFile } from "node:fs/promises"
import { z } from "zod"
import type { AnswerOf } from "../../../shared/engine-contract.ts"
import { EngineFailure } from "../../../shared/failure.ts"
import type { Diagnostic } from "../../../shared/module.ts"
import { forkLaunch, openWorkshop, type Workshop } from "../../engine/index.ts"
import { exitCodes } from "../exit-code.ts"
import { expectPositionals, type Words } from "../options.ts"
import { readJson, readSource, type Session } from "../session.ts"
import { diagnosticText, outcomeText } from "../show.ts"
import { type Answer, type Command, limitChoice, limitOptions } from "./command.ts"

type Compiled = AnswerOf<"compile">
type Evaluated = AnswerOf<"evaluate">

const casesSchema = z.array(z.object({ id: z.union([z.string(), z.number()]), src: z.string() })).max(100_000)

async function withWorkshop<T>(work: (workshop: Workshop) => Promise<T>): Promise<T> {
  const workshop = openWorkshop({ launch: forkLaunch })
  try {
    return await work(workshop)
  } finally {
    await workshop.close()
  }
}

function engineChoice(words: Words): "wasm" | "interpreter" {
  const choice = words.text("engine") ?? "wasm"
  if (choice !== "wasm" && choice !== "interpreter")
    throw new EngineFailure("wrong-usage", `--engine: expected wasm or interpreter, found ${JSON.stringify(choice)}`)
  return choice
}

export function importsOf(words: Words): { name: string; digest: string }[] {
  return words.texts("import").map(text => {
    const at = text.indexOf("=")
    if (at <= 0 || at === text.length - 1)
      throw new EngineFailure("wrong-usage", `--import: expected NAME=DIGEST, found ${JSON.stringify(text)}`)
    return { name: text.slice(0, at), digest: text.slice(at + 1) }
  })
}

function printDiagnostics(diagnostics: readonly Diagnostic[], source: string, file: string): void {
  for (const diagnostic of diagnostics) process.stderr.write(`${diagnosticText(diagnostic, source, file)}\n`)
}

/** The answer to a file that is no Source at all. */
export function refuse({ refused, shown }: { readonly refused: Diagnostic; readonly shown: string }, file: string): Answer {
  printDiagnostics([refused], shown, file)
  return { exit: exitCodes.negative, value: { kind: "rejected", diagnostics: [refused] }, text: "" }
}

export const sourceCommands: Readonly<Record<string, Command>> = {
  compile: {
    usage: "compile FILE [-o OUT.wasm] [--wat] [--interface] [--entry NAME] [--import NAME=DIGEST]…",
    options: { output: "text", wat: "flag", interface: "flag", entry: "text", import: "texts" },
    async run(words, session): Promise<Answer> {
      const [file] = expectPositionals(words, ["FILE"])
      const read = await readSource(file)
      if ("refused" in read) return refuse(read, file)
      const source = read.text
      const compiled = await compileNamed(words, session, source)
      printDiagnostics(compiled.diagnostics, source, file)
      if (compiled.kind === "rejected") return { exit: exitCodes.negative, value: compiled, text: "" }
      const output = words.text("output")
      if (output !== undefined && compiled.wasm) await writeOut(output, new Uint8Array(await compiled.wasm.arrayBuffer()))
      const { digest, entry, bytes, compileMs } = compiled
      const value = { digest, interface: compiled.interface.text, interfaceHash: compiled.interface.hash, entry, bytes, compileMs }
      return { exit: exitCodes.done, value, text: compiledText(compiled, words) }
    }
  },
  eval: {
    usage: "eval [FILE|-] [--engine wasm|interpreter] [--cases CASES.json] [--fuel N] [--timeout MS] [--memory PAGES]",
    options: { engine: "text", cases: "text", ...limitOptions },
    async run(words): Promise<Answer> {
      const engine = engineChoice(words)
      const limits = limitChoice(words)
      const casesFile = words.text("cases")
      if (casesFile !== undefined) {
        if (words.positionals.length > 0) throw new EngineFailure("wrong-usage", "expected FILE or --cases CASES.json, found both")
        const answers = await evaluateCases(casesFile, source => ({ source, engine, limits }))
        return { exit: exitCodes.done, value: answers, text: JSON.stringify(answers) }
      }
      if (words.positionals.length > 1) throw new EngineFailure("wrong-usage", "expected at most one FILE")
      const file = words.positionals[0] ?? "-"
      const read = await readSource(file)
      if ("refused" in read) return refuse(read, file)
      const source = read.text
      const outcome = await withWorkshop(workshop => workshop.evaluate({ source, engine, limits }))
      if ("diagnostics" in outcome) {
        printDiagnostics(outcome.diagnostics, source, file)
        return { exit: exitCodes.negative, value: outcome, text: "" }
      }
      if (outcome.kind === "returned") return { exit: exitCodes.done, value: outcome, text: outcome.value }
      process.stderr.write(`${outcomeText(outcome)}\n`)
      return { exit: exitCodes.negative, value: outcome, text: "" }
    }
  }
}

/** Imports are looked for in the store; without them no store is opened. */
async function compileNamed(words: Words, session: Session, source: string): Promise<Compiled> {
  const entry = words.text("entry")
  const imports = importsOf(words)
  const input = { source, ...(entry === undefined ? {} : { entry }), wat: words.flag("wat"), wasm: words.text("output") !== undefined }
  if (imports.length === 0) return withWorkshop(workshop => workshop.compile(input))
  const engine = await session.engine()
  return engine.compile({
    ...input,
    imports: await Promise.all(imports.map(async ({ name, digest }) => ({ name, digest: (await engine.show({ digest })).digest })))
  })
}

function compiledText(compiled: Extract<Compiled, { kind: "compiled" }>, words: Words): string {
  if (words.flag("wat")) return compiled.wat ?? ""
  if (words.flag("interface")) return compiled.interface.text
  return [
    `digest     ${compiled.digest}`,
    `interface  ${compiled.typeText}`,
    `           ${compiled.interface.hash}`,
    ...(compiled.inferred === undefined ? [] : [`inferred   ${compiled.inferred}`]),
    `entry      ${compiled.entry}`,
    `bytes      ${compiled.bytes}`,
    `compiled   ${compiled.compileMs.toFixed(2)} ms`
  ].join("\n")
}

async function writeOut(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFile(path, bytes)
  } catch (cause) {
    const code = (cause as { code?: string }).code ?? "unwritable"
    throw new EngineFailure(code === "ENOSPC" ? "disk-full" : "disk-failed", `${path}: could not be written (${code})`, {}, { cause })
  }
}

type CaseAnswer = { id: string | number } & ({ value: string } | { error: string; message: string } | { outcome: string })

async function evaluateCases(file: string, inputOf: (source: string) => Parameters<Workshop["evaluate"]>[0]): Promise<CaseAnswer[]> {
  const parsed = casesSchema.safeParse(await readJson(file))
  if (!parsed.success)
    throw new EngineFailure("wrong-usage", `${file}: expected a JSON array of {"id", "src"}: ${z.prettifyError(parsed.error)}`)
  return withWorkshop(async workshop => {
    const answers: CaseAnswer[] = []
    for (const { id, src } of parsed.data) answers.push({ id, ...caseAnswer(await evaluateSafely(workshop, inputOf(src))) })
    return answers
  })
}

/** One bad case never stops the rest. */
async function evaluateSafely(workshop: Workshop, input: Parameters<Workshop["evaluate"]>[0]): Promise<Evaluated | EngineFailure> {
  try {
    return await workshop.evaluate(input)
  } catch (failure) {
    return failure instanceof EngineFailure
      ? failure
      : new EngineFailure("internal", failure instanceof Error ? failure.message : String(failure))
  }
}

function caseAnswer(evaluated: Evaluated | EngineFailure): { value: string } | { error: string; message: string } | { outcome: string } {
  if (evaluated instanceof EngineFailure) return { error: evaluated.code, message: evaluated.message }
  if ("diagnostics" in evaluated) {
    const first = evaluated.diagnostics.find(diagnostic => diagnostic.severity === "error") ?? evaluated.diagnostics[0]
    return { error: first?.category ?? "parse-error", message: first?.message ?? "" }
  }
  if (evaluated.kind === "returned") return { value: evaluated.value }
  if (evaluated.kind === "failed") return { error: evaluated.category, message: evaluated.message }
  return { outcome: evaluated.kind }
}
