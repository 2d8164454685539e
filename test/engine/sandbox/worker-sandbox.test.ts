import { readFileSync } from "node:fs"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import wabt from "wabt"
import { forkLaunch } from "../../../electron/engine/adapters/child-process.ts"
import { loadPinnedRuntime } from "../../../electron/engine/adapters/pinned-runtime.ts"
import { openWorkerSandbox } from "../../../electron/engine/adapters/worker-sandbox.ts"
import { compile } from "../../../electron/engine/core/compiler/compile.ts"
import { digestOf } from "../../../electron/engine/core/digest.ts"
import type { EngineProcess, RunJob, Sandbox } from "../../../electron/engine/ports.ts"
import { EngineFailure } from "../../../shared/failure.ts"
import type { Answer, Limits, Outcome } from "../../../shared/run.ts"
import { defaultLimits } from "../../../shared/run.ts"
import type { Value } from "../../../shared/value.ts"

const runtime = loadPinnedRuntime()
let runner: EngineProcess | null = null
let sandbox: Sandbox
let parse: (text: string) => Uint8Array

beforeAll(async () => {
  const tool = await wabt()
  parse = text => tool.parseWat("test.wat", text, { exceptions: true }).toBinary({}).buffer
  sandbox = openWorkerSandbox({
    launch: entry => {
      runner = forkLaunch(entry)
      return runner
    }
  })
})

afterAll(() => sandbox.close())

interface Extra {
  readonly entry?: string
  readonly args?: readonly Value[]
  readonly answers?: readonly Answer[]
  readonly limits?: Partial<Limits>
  readonly signal?: AbortSignal
}

function jobOf(source: string, extra: Extra = {}): RunJob {
  const compiled = compile(source, { runtime: runtime.abi })
  if (compiled.kind === "rejected") throw new Error(compiled.diagnostics.map(one => one.message).join("; "))
  const job = {
    module: { digest: compiled.digest, bytes: compiled.bytes },
    runtime,
    entry: extra.entry ?? compiled.entry,
    args: extra.args ?? [],
    answers: extra.answers ?? []
  }
  return { ...job, limits: { ...defaultLimits, ...extra.limits }, ...(extra.signal ? { signal: extra.signal } : {}) }
}

const run = (source: string, extra: Extra = {}): Promise<Outcome> => sandbox.run(jobOf(source, extra))

function runPlain(text: string, entry: string, args: readonly Value[] = [], limits: Partial<Limits> = {}): Promise<Outcome> {
  const bytes = parse(text)
  return sandbox.run({
    module: { digest: digestOf(bytes), bytes },
    runtime: null,
    entry,
    args,
    answers: [],
    limits: { ...defaultLimits, ...limits }
  })
}

const endless = "(defn spin [n] (spin n)) (spin 1)"
const hog = "(defn grow [v] (grow (concat v v))) (grow [1 2 3 4])"

describe("a Run ends as", () => {
  test("returned, with the value in canonical print", async () => {
    expect(await run('(defn f [a b] {:sum (+ a b) "v" [a b 1.0]})', { args: [1n, 2n] })).toMatchObject({
      kind: "returned",
      value: '{"v" [1 2 1.0] :sum 3}'
    })
  })

  test("failed, with category and message", async () => {
    expect(await run("(/ 1 0)")).toMatchObject({ kind: "failed", category: "division-by-zero", message: "Division by zero" })
    expect(await run("(defn f [a] a)", { args: [] })).toMatchObject({ kind: "failed", category: "arity-mismatch" })
    expect(await run("(defn f [a :int] a)", { args: ["x"] })).toMatchObject({ kind: "failed", category: "type-validation" })
  })

  test("needs-host, which nothing in the program sees", async () => {
    const source = '(try (call :kv.get "k" 1) (catch e 5) (finally (/ 1 0)))'
    expect(await run(source)).toMatchObject({ kind: "needs-host", capability: "kv.get", arguments: '["k" 1]', call: 0 })
  })

  test("returned, after recorded answers are replayed", async () => {
    const source = "(+ (call :a 1) (call :a 2))"
    const first = { capability: "a", arguments: "[1]", value: "10" }
    expect(await run(source, { answers: [first] })).toMatchObject({
      kind: "needs-host",
      arguments: "[2]",
      call: 1,
      spent: { answersUsed: 1 }
    })
    expect(await run(source, { answers: [first, { capability: "a", arguments: "[2]", value: "32" }] })).toMatchObject({
      kind: "returned",
      value: "42",
      spent: { answersUsed: 2 }
    })
    expect(await run(source, { answers: [first, { capability: "a", arguments: "[3]", value: "32" }] })).toMatchObject({
      kind: "needs-host",
      call: 1
    })
    const failure = { capability: "a", arguments: "[2]", failure: "no such key" }
    expect(await run("(try (+ (call :a 1) (call :a 2)) (catch e (getMessage e)))", { answers: [first, failure] })).toMatchObject({
      kind: "returned"
    })
    expect(await run(source, { answers: [first, failure] })).toMatchObject({ kind: "failed", category: "runtime-error" })
  })

  test("out-of-fuel, in a loop of the program and in one of the runtime", async () => {
    expect(await run(endless, { limits: { fuelMax: 1_000_000 } })).toMatchObject({ kind: "out-of-fuel", fuelMax: 1_000_000 })
    expect(await run("(reduce + 0 (range 0 1000000000))", { limits: { fuelMax: 1_000_000 } })).toMatchObject({ kind: "out-of-fuel" })
  })

  test("timed-out, when fuel does not stop it first", async () => {
    expect(await run(endless, { limits: { fuelMax: 1e12, timeoutMs: 200 } })).toMatchObject({ kind: "timed-out", timeoutMs: 200 })
  })

  test("out-of-memory at the cap of the Run, and the next Run is well", async () => {
    expect(await run(hog, { limits: { memoryPagesMax: 64 } })).toMatchObject({ kind: "out-of-memory", memoryPagesMax: 64 })
    expect(await run("(+ 1 2)", { limits: { memoryPagesMax: 64 } })).toMatchObject({ kind: "returned", value: "3" })
  })

  test("trapped, for a trap that is nothing else", async () => {
    expect(await runPlain('(module (func (export "f") unreachable))', "f")).toMatchObject({ kind: "trapped" })
  })

  test("rejected, for a module that never started", async () => {
    expect(await run("(+ 1 2)", { entry: "other" })).toMatchObject({ kind: "rejected", reason: "no-such-export" })
    expect(await run("(+ 1 2)", { entry: "rtfs:init" })).toMatchObject({ kind: "rejected", reason: "not-callable" })
    expect(await runPlain('(module (import "a" "b" (func)))', "f")).toMatchObject({ kind: "rejected", reason: "forbidden-import" })
    expect(await runPlain('(module (memory 5) (func (export "f")))', "f", [], { memoryPagesMax: 4 })).toMatchObject({
      kind: "rejected",
      reason: "too-large"
    })
    expect(await runPlain('(module (func (export "f") (result i64) (i64.const 1)))', "g")).toMatchObject({
      kind: "rejected",
      reason: "no-such-export"
    })
    const job = jobOf("(+ 1 2)")
    const other = new Uint8Array([...runtime.bytes, 0, 1, 0])
    expect(await sandbox.run({ ...job, runtime: { digest: digestOf(other), bytes: other } })).toMatchObject({
      kind: "rejected",
      reason: "unknown-runtime"
    })
    const bytes = parse('(module (func (export "f") (result i64) (i64.const 1)))')
    const broken = bytes.with(bytes.length - 3, 0x41)
    expect(await sandbox.run({ ...job, module: { digest: digestOf(broken), bytes: broken }, runtime: null, entry: "f" })).toMatchObject({
      kind: "rejected",
      reason: "invalid-module"
    })
    expect(await sandbox.run({ ...job, module: { digest: digestOf(Uint8Array.of(7)), bytes: job.module.bytes } })).toMatchObject({
      kind: "rejected",
      reason: "invalid-module"
    })
    expect(await run("(defn f [a] a)", { args: ["x".repeat(100)], limits: { inputBytesMax: 50 } })).toMatchObject({
      kind: "rejected",
      reason: "too-large"
    })
  })
})

describe("the recursion limit", () => {
  const count = "(defn down [n] (if (= n 0) 0 (+ 1 (down (- n 1)))))"

  test("holds 10,000 active calls and fails at the next", async () => {
    expect(await run(`${count} (down 9999)`)).toMatchObject({ kind: "returned", value: "9999" })
    expect(await run(`${count} (down 10000)`)).toMatchObject({ kind: "failed", category: "recursion-limit" })
  })

  test("can be caught, and the frames are free again", async () => {
    expect(await run(`${count} (try (down 20000) (catch e (down 9000)))`)).toMatchObject({ kind: "returned", value: "9000" })
  })

  test("is reached through callbacks and with large frames", async () => {
    expect(await run("(defn f [x] (map f [x])) (try (f 1) (catch e (getMessage e)))")).toMatchObject({
      kind: "returned",
      value: '"Recursion limit exceeded"'
    })
    const names = Array.from({ length: 40 }, (_, index) => `a${index}`)
    const wide = `(defn wide [${names.join(" ")}] (+ ${names.join(" ")} (apply wide [${names.map(name => `(+ 1 ${name})`).join(" ")}])))`
    expect(await run(`${wide} (try (apply wide (range 0 40)) (catch e (getMessage e)))`)).toMatchObject({
      kind: "returned",
      value: '"Recursion limit exceeded"'
    })
  })

  test("does not count self tail calls", async () => {
    expect(await run("(defn loop-to [n acc] (if (= n 0) acc (loop-to (- n 1) (+ acc 1)))) (loop-to 300000 0)")).toMatchObject({
      kind: "returned",
      value: "300000"
    })
  })
})

test("equal Runs spend equal fuel and memory", async () => {
  const source = "(reduce + (map (fn [x] (* x x)) (filter even? (range 0 5000))))"
  const outcomes = await Promise.all(Array.from({ length: 6 }, () => run(source)))
  const spent = outcomes.map(outcome => ("spent" in outcome ? [outcome.kind, outcome.spent.fuel, outcome.spent.memoryPages] : null))
  expect(new Set(spent.map(one => JSON.stringify(one))).size).toBe(1)
  expect(outcomes[0]).toMatchObject({ kind: "returned" })
})

describe("a plain module", () => {
  test("runs its numeric exports", async () => {
    const add = '(module (func (export "add") (param i64 i64) (result i64) (i64.add (local.get 0) (local.get 1))))'
    expect(await runPlain(add, "add", [2n, 40n])).toMatchObject({ kind: "returned", value: "42", spent: { fuel: null } })
    expect(await runPlain(add, "add", [2n])).toMatchObject({ kind: "failed", category: "arity-mismatch" })
    expect(await runPlain(add, "add", [2n, 1.5])).toMatchObject({ kind: "failed", category: "type-validation" })
    const several = '(module (func (export "f") (param f32 i32) (result f64 i32) (f64.promote_f32 (local.get 0)) (local.get 1)))'
    expect(await runPlain(several, "f", [1.5, -7n])).toMatchObject({ kind: "returned", value: "[1.5 -7]" })
    expect(await runPlain('(module (func (export "f")))', "f")).toMatchObject({ kind: "returned", value: "nil" })
    expect(await runPlain('(module (func (export "f") (result f64) (f64.const nan:0x123)))', "f")).toMatchObject({
      kind: "returned",
      value: "##NaN"
    })
  })

  test("says how much memory it used where that can be seen, and that it cannot where not", async () => {
    const grows = (memory: string) => `(module (memory ${memory} 2) (func (export "f") (result i32) (memory.grow (i32.const 3))))`
    expect(await runPlain(grows('(export "m")'), "f")).toMatchObject({ value: "2", spent: { memoryPages: 5 } })
    expect(await runPlain(grows(""), "f")).toMatchObject({ value: "2", spent: { memoryPages: null } })
    expect(await runPlain('(module (func (export "f")))', "f")).toMatchObject({ value: "nil", spent: { memoryPages: 0 } })
  })

  test("cannot grow beyond the cap, and is stopped by the clock", async () => {
    expect(
      await runPlain('(module (memory 1) (func (export "f") (result i32) (memory.grow (i32.const 60))))', "f", [], { memoryPagesMax: 50 })
    ).toMatchObject({ kind: "returned", value: "-1" })
    expect(await runPlain('(module (func $s (loop (br 0))) (start $s) (func (export "f")))', "f", [], { timeoutMs: 100 })).toMatchObject({
      kind: "timed-out"
    })
  })
})

describe("the runner", () => {
  test("killed in the middle of a Run is replaced, and the Run repeated", async () => {
    await run("(+ 1 2)")
    const lost = run("(reduce + 0 (range 0 30000000))", { limits: { fuelMax: 1e12, timeoutMs: 60_000 } })
    await new Promise(resolve => setTimeout(resolve, 30))
    const first = runner
    first?.kill()
    expect(await lost).toMatchObject({ kind: "returned", value: "449999985000000" })
    expect(runner).not.toBe(first)
  })

  test("that dies twice under a Run leaves it trapped, and others unharmed", async () => {
    await run("(+ 1 2)")
    const lost = run(endless, { limits: { fuelMax: 1e12, timeoutMs: 60_000 } })
    const first = runner
    await new Promise(resolve => setTimeout(resolve, 30))
    first?.kill()
    await expect.poll(() => runner !== first).toBe(true)
    await new Promise(resolve => setTimeout(resolve, 300))
    runner?.kill()
    expect(await lost).toMatchObject({ kind: "trapped" })
    expect(await run("(+ 1 2)")).toMatchObject({ kind: "returned" })
  })

  test.skipIf(process.platform !== "linux")("and nothing of this process's environment", async () => {
    await run("(+ 1 2)")
    const environment = readFileSync(`/proc/${runner?.pid}/environ`, "utf8").split("\0")
    expect(environment.filter(one => one !== "" && !one.startsWith("NODE_CHANNEL_"))).toEqual([])
  })
})

describe("the queue", () => {
  test("is bounded, and a cancelled Run leaves it", async () => {
    const small = openWorkerSandbox({ launch: forkLaunch, workers: 1, queueMax: 2 })
    const stop = new AbortController()
    const job = jobOf(endless, { limits: { fuelMax: 1e12, timeoutMs: 60_000 }, signal: stop.signal })
    const running = [small.run(job), small.run(job), small.run(job)]
    const ended = Promise.allSettled(running)
    await expect(small.run(job)).rejects.toMatchObject({ code: "queue-full" })
    stop.abort()
    for (const one of await ended) expect(one).toMatchObject({ status: "rejected", reason: { code: "cancelled" } })
    expect(await small.run(jobOf("(+ 20 22)"))).toMatchObject({ kind: "returned", value: "42" })
    await small.close()
    await expect(small.run(jobOf("(+ 1 2)"))).rejects.toBeInstanceOf(EngineFailure)
  })

  test("takes no Run that was cancelled before", async () => {
    await expect(run("(+ 1 2)", { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "cancelled" })
  })
})

test("bytes under another Digest are refused and leave no trace in what is remembered", async () => {
  const forbidden = parse('(module (import "a" "b" (func)) (func (export "main") (result i64) (i64.const 1)))')
  const harmless = parse('(module (func (export "main") (result i64) (i64.const 2)))')
  const job = { runtime: null, entry: "main", args: [], answers: [], limits: defaultLimits }
  const named = (bytes: Uint8Array, as: Uint8Array) => sandbox.run({ ...job, module: { digest: digestOf(as), bytes } })
  expect(await named(harmless, forbidden)).toMatchObject({ kind: "rejected", reason: "invalid-module" })
  expect(await named(forbidden, forbidden)).toMatchObject({ kind: "rejected", reason: "forbidden-import" })
  expect(await named(forbidden, harmless)).toMatchObject({ kind: "rejected", reason: "invalid-module" })
  expect(await named(harmless, harmless)).toMatchObject({ kind: "returned", value: "2" })
})

describe("an instance serves one Run", () => {
  test("through more Runs than a worker makes without rest, linked and plain by turns", async () => {
    const counting =
      '(module (global $n (mut i64) (i64.const 0)) (func (export "next") (result i64) (global.set $n (i64.add (global.get $n) (i64.const 1))) (global.get $n)))'
    const source = "(defn f [n] (count (reduce (fn [m i] (assoc m i i)) {} (range 0 n))))"
    const [first] = [await run(source, { args: [300n] })]
    if (first?.kind !== "returned") throw new Error("the program did not return")
    for (let round = 0; round < 170; round++) {
      const next = await run(source, { args: [300n] })
      expect(next).toMatchObject({
        kind: "returned",
        value: "300",
        spent: { fuel: first.spent.fuel, memoryPages: first.spent.memoryPages }
      })
      if (round % 4 === 0) expect(await runPlain(counting, "next")).toMatchObject({ kind: "returned", value: "1" })
    }
  })

  test("under the cap of its own Run, whatever the Run before it had", async () => {
    const roomy = { args: [20_000n] }
    const source = "(defn f [n] (count (reduce (fn [m i] (assoc m i i)) {} (range 0 n))))"
    for (let round = 0; round < 3; round++) {
      expect(await run(source, roomy)).toMatchObject({ kind: "returned" })
      expect(await run(source, { ...roomy, limits: { memoryPagesMax: 4 } })).toMatchObject({ kind: "out-of-memory", memoryPagesMax: 4 })
    }
  })
})

test("many Runs at once all come back with their own value", async () => {
  const runs = await Promise.all(Array.from({ length: 200 }, (_, index) => run(`(* ${index} 2)`)))
  expect(runs.map(one => one.kind === "returned" && one.value)).toEqual(Array.from({ length: 200 }, (_, index) => String(index * 2)))
})
