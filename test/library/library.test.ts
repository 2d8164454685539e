/** The sample library keeps its word: every module compiles cleanly, shows its Examples, and those for HumanEval pass the checks of their tasks. */
import { readdirSync, readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { createRuntimeFunctions } from "../../electron/engine/adapters/runtime-functions.ts"
import type { Analysed } from "../../electron/engine/core/compiler/analyse.ts"
import { analyse } from "../../electron/engine/core/compiler/analyse.ts"
import { interpret } from "../../electron/engine/core/interpreter/interpret.ts"
import { readLiteral } from "../../electron/engine/core/literal.ts"
import { printValue } from "../../electron/engine/core/print.ts"
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

const modules = groups.flatMap(group =>
  readdirSync(new URL(`${group}/`, folder))
    .filter(file => file.endsWith(".rtfs"))
    .map(file => {
      const name = `${group}/${file.slice(0, -".rtfs".length)}`
      const source = readFileSync(new URL(`${name}.rtfs`, folder), "utf8")
      const described = JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8")) as Described
      return { name, source, described, analysis: analyse(source) }
    })
)
const byName = new Map(modules.map(module => [module.name, module]))

const { cases } = JSON.parse(readFileSync(new URL("../data/humaneval-cases.json", import.meta.url), "utf8")) as { cases: Case[] }
const casesByTask = Map.groupBy(cases, one => one.task)

const functions = createRuntimeFunctions(readFileSync(new URL("../../resources/runtime/rtfs-runtime.wasm", import.meta.url)))

function literal(text: string): Value {
  const read = readLiteral(text)
  if (read.kind === "malformed") throw new Error(`${text}: ${read.message}`)
  return read.value
}

/** Canonical print of what the module's entry returns, or how else it ended. */
function interpreted(module: { readonly analysis: ReturnType<typeof analyse> }, args: string): string {
  const { program } = module.analysis as Analysed
  const outcome = interpret(program, { args: literal(args) as readonly Value[], functions })
  if (outcome.kind === "returned") return printValue(outcome.value)
  return outcome.kind === "failed" ? `${outcome.category}: ${outcome.message}` : outcome.kind
}

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

  it("interprets to its Examples", () => {
    for (const { args, result } of described.examples) expect(`${args} => ${interpreted(module, args)}`).toBe(`${args} => ${result}`)
  })
})

describe("the checks of HumanEval", () => {
  it.each([...casesByTask])("pass for %s", (_task, ofTask) => {
    const wrong = ofTask
      .map(one => ({ one, found: interpreted(byName.get(`humaneval/${one.module}`)!, one.args) }))
      .filter(({ one, found }) => !agrees(found, one))
      .map(({ one, found }) => `${one.args} => ${found}, expected ${one.expected}`)
    expect(wrong).toEqual([])
  })
})

/** Parameters and result in the canonical text of an Interface. */
function signature(text: string): readonly [string, string] {
  const found = /^\(interface 1 \[:fn \[(.*)\] (\S+|\[.*\])\] \[\]\)$/.exec(text)
  if (!found) throw new Error(text)
  return [found[1]!, found[2]!]
}
