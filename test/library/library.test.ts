/** The sample library keeps its word: every module compiles cleanly, shows its Examples, and those for HumanEval pass the checks of their tasks. */
import { readdirSync, readFileSync } from "node:fs"
import { afterAll, describe, expect, it } from "vitest"
import { forkLaunch } from "../../electron/engine/adapters/child-process.ts"
import { loadPinnedRuntime } from "../../electron/engine/adapters/pinned-runtime.ts"
import { createRuntimeFunctions } from "../../electron/engine/adapters/runtime-functions.ts"
import { openWorkerSandbox } from "../../electron/engine/adapters/worker-sandbox.ts"
import type { Analysed } from "../../electron/engine/core/compiler/analyse.ts"
import { analyse } from "../../electron/engine/core/compiler/analyse.ts"
import { compile } from "../../electron/engine/core/compiler/compile.ts"
import { interpret } from "../../electron/engine/core/interpreter/interpret.ts"
import { readLiteral } from "../../electron/engine/core/literal.ts"
import { printValue } from "../../electron/engine/core/print.ts"
import { defaultLimits } from "../../shared/run.ts"
import type { Value } from "../../shared/value.ts"

const folder = new URL("../../resources/library/", import.meta.url)
const groups = ["text", "numbers", "collections", "dates", "data", "humaneval"]

interface Described {
  readonly task: string
  readonly examples: readonly { readonly args: string; readonly result: string }[]
  readonly origin?: string
}

interface Case {
  readonly task: string
  readonly module: string
  readonly args: string
  readonly expected: string
  /** Greatest difference of two floats that counts as agreement. */
  readonly tolerance?: number
}

const runtime = loadPinnedRuntime()
const functions = createRuntimeFunctions(runtime.bytes)
const sandbox = openWorkerSandbox({ launch: forkLaunch, workers: 1 })
afterAll(() => sandbox.close())

/** No Example or check needs more; far more would be a defect of the runtime's metering. Units. */
const fuelMax = 1_000_000

const modules = groups.flatMap(group =>
  readdirSync(new URL(`${group}/`, folder))
    .filter(file => file.endsWith(".rtfs"))
    .map(file => {
      const name = `${group}/${file.slice(0, -".rtfs".length)}`
      const source = readFileSync(new URL(`${name}.rtfs`, folder), "utf8")
      const described = JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8")) as Described
      return { name, source, described, analysis: analyse(source), compiled: compile(source, { runtime: runtime.abi }) }
    })
)
type Module = (typeof modules)[number]
const byName = new Map(modules.map(module => [module.name, module]))

const { cases } = JSON.parse(readFileSync(new URL("../data/humaneval-cases.json", import.meta.url), "utf8")) as { cases: Case[] }
const casesByTask = Map.groupBy(cases, one => one.task)

function literal(text: string): Value {
  const read = readLiteral(text)
  if (read.kind === "malformed") throw new Error(`${text}: ${read.message}`)
  return read.value
}

/** Runs an entry to the canonical print of what it returns, or to how else it ended. */
const engines = {
  "by the interpreter": (module: Module, args: string): string => {
    const { program } = module.analysis as Analysed
    const outcome = interpret(program, { args: literal(args) as readonly Value[], functions })
    if (outcome.kind === "returned") return printValue(outcome.value)
    return outcome.kind === "failed" ? `${outcome.category}: ${outcome.message}` : outcome.kind
  },
  "as WebAssembly in the Sandbox": async (module: Module, args: string): Promise<string> => {
    const { compiled } = module
    if (compiled.kind === "rejected") return JSON.stringify(compiled.diagnostics)
    const { digest, bytes, entry } = compiled
    const limits = { ...defaultLimits, fuelMax }
    const job = { module: { digest, bytes }, runtime, entry, args: literal(args) as readonly Value[], answers: [], limits }
    const outcome = await sandbox.run(job)
    return outcome.kind === "returned" ? outcome.value : JSON.stringify(outcome)
  }
}
const engineNames = Object.keys(engines) as (keyof typeof engines)[]

function agrees(found: string, { expected, tolerance }: Case): boolean {
  return found === expected || (tolerance !== undefined && Math.abs(Number(found) - Number(expected)) <= tolerance)
}

describe("the library", () => {
  it("holds more than two hundred modules with words that are all different", () => {
    expect(modules.length).toBeGreaterThan(200)
    const tasks = modules.map(({ described }) => described.task.trim().toLowerCase())
    expect(new Set(tasks).size).toBe(tasks.length)
  })

  it("answers each HumanEval task once", () => {
    const origins = modules.flatMap(({ described }) => described.origin ?? [])
    expect(new Set(origins).size).toBe(origins.length)
    expect([...casesByTask.keys()].sort()).toEqual([...origins].sort())
  })
})

describe.each(modules)("$name", module => {
  const { name, source, described, analysis } = module

  it("compiles without a warning, under its own name, with types for everything", () => {
    expect(analysis.diagnostics).toEqual([])
    const { entry, interface: typed, program } = analysis as Analysed
    expect(`${name.slice(0, name.indexOf("/"))}/${entry}`).toBe(name)
    expect(typed.capabilities).toEqual([])
    expect(program.exports).toHaveLength(1)
    const [parameters, result] = signature(typed.text)
    expect(parameters).not.toBe(":any")
    expect(result === ":any" && name !== "data/json-pick").toBe(false)
  })

  it("is laid out like the others", () => {
    expect(source).toMatch(/^;; \S.*[.:]\n(;; .*\n)*\((defn|module) /)
    expect(source).toMatch(/\)\n$/)
    expect(source).not.toMatch(/[\t\r]| \n|\n\n\n/)
    expect(Math.max(...source.split("\n").map(line => line.length))).toBeLessThanOrEqual(140)
    expect(described.task).toMatch(/^.{10,260}[.?]$/)
  })

  it("shows at least three different Examples, written canonically", () => {
    const { examples } = described
    expect(new Set(examples.map(({ args }) => args)).size).toBe(examples.length)
    expect(examples.length).toBeGreaterThanOrEqual(3)
    for (const { args, result } of examples) expect([printValue(literal(args)), printValue(literal(result))]).toEqual([args, result])
  })

  it.each(engineNames)("is run to its Examples %s", async engine => {
    for (const { args, result } of described.examples)
      expect(`${args} => ${await engines[engine](module, args)}`).toBe(`${args} => ${result}`)
  })
})

describe.each(engineNames)("the checks of HumanEval, run %s", engine => {
  it.each([...casesByTask])("pass for %s", async (_task, ofTask) => {
    const found = await Promise.all(ofTask.map(async one => engines[engine](byName.get(`humaneval/${one.module}`)!, one.args)))
    const wrong = ofTask.flatMap((one, at) => (agrees(found[at]!, one) ? [] : [`${one.args} => ${found[at]}, expected ${one.expected}`]))
    expect(wrong).toEqual([])
  })
})

/** Parameters and result in the canonical text of an Interface. */
function signature(text: string): readonly [string, string] {
  const found = /^\(interface 1 \[:fn \[(.*)\] (\S+|\[.*\])\] \[\]\)$/.exec(text)
  if (!found) throw new Error(text)
  return [found[1]!, found[2]!]
}
