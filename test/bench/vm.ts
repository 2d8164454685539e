/**
 * What the virtual machine costs: the same work in compiled RTFS, in our interpreter, in SCI (nbb) and in idiomatic JavaScript, value-checked; then compile
 * times, sizes, and a whole small Run as the engine sees it. `--only NAME`.
 */
import { forkLaunch } from "../../electron/engine/adapters/child-process.ts"
import { loadPinnedRuntime } from "../../electron/engine/adapters/pinned-runtime.ts"
import { openWorkerSandbox } from "../../electron/engine/adapters/worker-sandbox.ts"
import { decodeValue, encodeValue } from "../../electron/engine/core/codec.ts"
import { analyse } from "../../electron/engine/core/compiler/analyse.ts"
import type { Compiled } from "../../electron/engine/core/compiler/compile.ts"
import { compile } from "../../electron/engine/core/compiler/compile.ts"
import { emit } from "../../electron/engine/core/compiler/emit.ts"
import { finishModule } from "../../electron/engine/core/compiler/sections.ts"
import { interpret } from "../../electron/engine/core/interpreter/interpret.ts"
import { printValue } from "../../electron/engine/core/print.ts"
import { defaultLimits } from "../../shared/run.ts"
import type { BenchRow } from "./bench.ts"

const runtime = loadPinnedRuntime()
const runtimeModule = new WebAssembly.Module(runtime.bytes as Uint8Array<ArrayBuffer>)
const warmups = 16
const samples = 25
/** No series is warmed, or measured, for longer; a slow peer is then measured fewer times. */
const warmMilliseconds = 400
const millisecondsMax = 1_500

interface Work {
  readonly name: string
  readonly n: number
  readonly rtfs: string
  readonly sci: string
  readonly js: () => unknown
  readonly against: "sci" | "js"
  /** How many times faster than SCI, or how many times the time of JavaScript. */
  readonly target: number
}

const works: readonly Work[] = [
  {
    name: "fib(27)",
    n: 832_040,
    rtfs: "(defn fib [n] (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2))))) (fib 27)",
    sci: "(do (defn fib [n] (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2))))) (fib 27))",
    js: () => {
      const fib = (n: number): number => (n < 2 ? n : fib(n - 1) + fib(n - 2))
      return fib(27)
    },
    against: "sci",
    target: 5
  },
  {
    name: "integer reduce over a range",
    n: 1_000_000,
    rtfs: "(reduce (fn [a i] (+ a (* i 3))) 0 (range 0 1000000))",
    sci: "(reduce (fn [a i] (+ a (* i 3))) 0 (range 0 1000000))",
    js: () => {
      let sum = 0
      for (let i = 0; i < 1_000_000; i++) sum += i * 3
      return sum
    },
    against: "sci",
    target: 5
  },
  {
    name: "loop by recursion",
    n: 1_000_000,
    rtfs: "(defn sum [n acc] (if (= n 0) acc (sum (- n 1) (+ acc n)))) (sum 1000000 0)",
    sci: "(do (defn sum [n acc] (if (= n 0) acc (recur (- n 1) (+ acc n)))) (sum 1000000 0))",
    js: () => {
      let acc = 0
      for (let n = 1_000_000; n !== 0; n--) acc += n
      return acc
    },
    against: "sci",
    target: 5
  },
  {
    name: "dotimes",
    n: 1_000_000,
    rtfs: "(dotimes [i 1000000] (mod (* i i) 7))",
    sci: "(loop [i 0 r nil] (if (< i 1000000) (recur (inc i) (mod (* i i) 7)) r))",
    js: () => {
      let last = 0
      for (let i = 0; i < 1_000_000; i++) last = (i * i) % 7
      return last
    },
    against: "sci",
    target: 5
  },
  {
    name: "integer loop against JavaScript",
    n: 10_000_000,
    rtfs: "(defn sum [n : int acc : int] : int (if (= n 0) acc (sum (- n 1) (+ acc n)))) (sum 10000000 0)",
    sci: "",
    js: () => {
      let acc = 0
      for (let n = 10_000_000; n !== 0; n--) acc += n
      return acc
    },
    against: "js",
    target: 1.5
  },
  {
    name: "map, filter, reduce",
    n: 100_000,
    rtfs: "(reduce + 0 (map (fn [x] (* x x)) (filter even? (range 0 100000))))",
    sci: "(reduce + 0 (map (fn [x] (* x x)) (filter even? (range 0 100000))))",
    js: () =>
      Array.from({ length: 100_000 }, (_, i) => i)
        .filter(i => i % 2 === 0)
        .map(x => x * x)
        .reduce((a, b) => a + b, 0),
    against: "sci",
    target: 3
  },
  {
    name: "assoc and get",
    n: 100_000,
    rtfs: "(let [m (reduce (fn [m i] (assoc m i (* i 2))) {} (range 0 100000))] (reduce (fn [a i] (+ a (get m i))) 0 (range 0 100000)))",
    sci: "(let [m (reduce (fn [m i] (assoc m i (* i 2))) {} (range 0 100000))] (reduce (fn [a i] (+ a (get m i))) 0 (range 0 100000)))",
    js: () => {
      const map = new Map<number, number>()
      for (let i = 0; i < 100_000; i++) map.set(i, i * 2)
      let sum = 0
      for (let i = 0; i < 100_000; i++) sum += map.get(i) as number
      return sum
    },
    against: "sci",
    target: 3
  },
  {
    name: "string join",
    n: 100_000,
    rtfs: '(count (join "," (range 0 100000)))',
    sci: '(count (clojure.string/join "," (range 0 100000)))',
    js: () => Array.from({ length: 100_000 }, (_, i) => i).join(",").length,
    against: "sci",
    target: 3
  },
  {
    name: "string append",
    n: 5_000,
    rtfs: '(count (reduce (fn [s i] (str s i ",")) "" (range 0 5000)))',
    sci: '(count (reduce (fn [s i] (str s i ",")) "" (range 0 5000)))',
    js: () => {
      let text = ""
      for (let i = 0; i < 5_000; i++) text += `${i},`
      return text.length
    },
    against: "sci",
    target: 3
  },
  {
    name: "JSON round trip",
    n: 2_000,
    rtfs: '(let [x (map (fn [i] {"id" i "name" (str "n" i) "tags" ["a" "b"]}) (range 0 2000))] (count (parse-json (serialize-json x))))',
    sci: '(let [x (mapv (fn [i] {"id" i "name" (str "n" i) "tags" ["a" "b"]}) (range 0 2000))] (count (js->clj (js/JSON.parse (js/JSON.stringify (clj->js x))))))',
    js: () => JSON.parse(JSON.stringify(Array.from({ length: 2_000 }, (_, i) => ({ id: i, name: `n${i}`, tags: ["a", "b"] })))).length,
    against: "sci",
    target: 3
  },
  {
    name: "regex scan",
    n: 10_000,
    rtfs: '(count (re-seq "[a-z]+[0-9]" (join "," (map (fn [i] (str "abc" i)) (range 0 10000)))))',
    sci: '(count (re-seq #"[a-z]+[0-9]" (clojure.string/join "," (map (fn [i] (str "abc" i)) (range 0 10000)))))',
    js: () =>
      Array.from({ length: 10_000 }, (_, i) => `abc${i}`)
        .join(",")
        .match(/[a-z]+[0-9]/g)?.length,
    against: "sci",
    target: 3
  },
  {
    name: "sort",
    n: 100_000,
    rtfs: "(nth (sort (map (fn [i] (mod (* i 7919) 100003)) (range 0 100000))) 50000)",
    sci: "(nth (sort (map (fn [i] (mod (* i 7919) 100003)) (range 0 100000))) 50000)",
    js: () => Array.from({ length: 100_000 }, (_, i) => (i * 7919) % 100_003).sort((a, b) => a - b)[50_000],
    against: "sci",
    target: 3
  }
]

export async function rows(options: ReadonlyMap<string, string>): Promise<readonly BenchRow[]> {
  const only = options.get("only")
  const chosen = works.filter(work => only === undefined || work.name.includes(only))
  const sci = await openSci()
  const measured: BenchRow[] = []
  const overheads: number[] = []
  for (const work of chosen) {
    const { row, overhead } = await measure(work, sci)
    measured.push(row)
    overheads.push(overhead)
  }
  if (only !== undefined) return "compile".startsWith(only) ? compileRows() : measured
  return [...measured, fuelRow(overheads), ...compileRows(), ...(await runRows())]
}

type Sci = (source: string) => Promise<() => unknown>

/** nbb is loaded once; each work is a function of no parameters that it makes. */
async function openSci(): Promise<Sci> {
  const { loadString } = (await import("nbb" as string)) as unknown as { loadString(source: string): Promise<unknown> }
  await loadString("(require '[clojure.string])")
  return async source => (await loadString(`(fn [] ${source})`)) as () => unknown
}

async function measure(work: Work, sci: Sci): Promise<{ readonly row: BenchRow; readonly overhead: number }> {
  const compiled = compiledOf(work.rtfs)
  const contenders: Contender[] = [
    contender("ours", preparedRun(compiled.bytes, compiled.entry)),
    contender("unmetered", preparedRun(unmeteredBytes(compiled), compiled.entry)),
    contender("javascript", () => () => String(work.js()))
  ]
  if (work.sci !== "") {
    const scripted = await sci(work.sci)
    contenders.push(contender("sci", () => () => String(scripted())))
  }
  if (work.against !== "js") contenders.push(contender("interpreter", preparedInterpreter(work.rtfs)))
  await sideBySide(contenders)
  const [ours, unmetered] = contenders as [Contender, Contender]
  for (const other of contenders) {
    if (other.value !== ours.value) throw new Error(`${work.name}: compiled code answers ${ours.value}, ${other.name} ${other.value}`)
  }
  const peers = Object.fromEntries(contenders.slice(2).map(one => [one.name, percentiles(one.taken).p50]))
  const mine = percentiles(ours.taken)
  const ratio = work.against === "sci" ? (peers.sci ?? 0) / mine.p50 : mine.p50 / (peers.javascript ?? 1)
  const row: BenchRow = {
    name: work.name,
    n: work.n,
    ...mine,
    unit: "ms",
    peers,
    ratio,
    target:
      work.against === "sci" ? `at least ${work.target} times faster than SCI` : `at most ${work.target} times the time of JavaScript`,
    met: work.against === "sci" ? ratio >= work.target : ratio <= work.target
  }
  // The fastest of each series: a difference of a few percent drowns in what else the machine does.
  return { row, overhead: Math.min(...ours.taken) / Math.min(...unmetered.taken) - 1 }
}

/** One way to do a work. `prepare` is not timed; what it answers is. */
interface Contender {
  readonly name: string
  readonly prepare: () => () => string
  readonly taken: number[]
  spentMs: number
  value: string
}

function contender(name: string, prepare: () => () => string): Contender {
  return { name, prepare, taken: [], spentMs: 0, value: "" }
}

/** All are warmed; then each is timed once in turn, again and again, so that what else the machine does meets all of them alike. */
async function sideBySide(contenders: readonly Contender[]): Promise<void> {
  for (const one of contenders) for (let round = 0; round < warmups && one.spentMs < warmMilliseconds; round++) once(one)
  // Engines finish their better code in the background.
  await new Promise(resolve => setTimeout(resolve, 30))
  for (const one of contenders) one.spentMs = 0
  for (let round = 0; round < samples; round++) {
    for (const one of contenders) if (one.spentMs < millisecondsMax) one.taken.push(once(one))
  }
}

function once(one: Contender): number {
  const work = one.prepare()
  const start = performance.now()
  one.value = work()
  const taken = performance.now() - start
  one.spentMs += taken
  return taken
}

function compiledOf(source: string): Compiled {
  const compiled = compile(source, { mode: "program", runtime: runtime.abi })
  if (compiled.kind === "rejected") throw new Error(compiled.diagnostics.map(one => one.message).join("; "))
  return compiled
}

function preparedInterpreter(source: string): () => () => string {
  const analysed = analyse(source, { programMode: true })
  if (analysed.kind === "rejected") throw new Error("a bench program does not compile")
  const functions = runtime.functions()
  return () => () => shown(interpret(analysed.program, { functions, fuelMax: 1e12 }))
}

function unmeteredBytes(compiled: Compiled): Uint8Array {
  const builder = emit(compiled.program, runtime.abi, false)
  return finishModule(builder, compiled.program, runtime.abi, compiled.interface.text, compiled.sourceDigest).bytes
}

function percentiles(taken: readonly number[]): { readonly p50: number; readonly p99: number } {
  const sorted = taken.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return { p50: at(0.5), p99: at(0.99) }
}

function shown(ended: ReturnType<typeof interpret>): string {
  return ended.kind === "returned" ? printValue(ended.value) : ended.kind
}

/** A fresh instance for each time, as in a Run; only the entry's own work is timed. */
function preparedRun(bytes: Uint8Array, entry: string): () => () => string {
  const module = new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>)
  return () => {
    const rt = new WebAssembly.Instance(runtimeModule).exports as unknown as Record<string, never> & {
      memory: WebAssembly.Memory
      fuel: WebAssembly.Global
      alloc(bytes: number): number
      decode(pointer: number, length: number): bigint
      encode(value: bigint): number
    }
    rt.fuel.value = 10n ** 15n
    const own = new WebAssembly.Instance(module, { rt: rt as unknown as WebAssembly.ModuleImports }).exports
    ;(own["rtfs:fuel"] as WebAssembly.Global).value = 10n ** 15n
    ;(own["rtfs:init"] as () => void)()
    const args = encodeValue([])
    const room = rt.alloc(args.length)
    new Uint8Array(rt.memory.buffer).set(args, room)
    const values = rt.decode(room, args.length)
    const main = own[entry] as (args: bigint) => bigint
    return () => {
      const at = rt.encode(main(values))
      const length = new DataView(rt.memory.buffer).getUint32(at, true)
      const decoded = decodeValue(new Uint8Array(rt.memory.buffer, at + 4, length).slice())
      return decoded.kind === "value" ? printValue(decoded.value) : decoded.fault.message
    }
  }
}

function fuelRow(overheads: readonly number[]): BenchRow {
  const percents = overheads.map(one => one * 100)
  const { p50, p99 } = percentiles(percents)
  return {
    name: "fuel overhead over these works",
    n: percents.length,
    p50,
    p99,
    unit: "percent",
    peers: {},
    ratio: null,
    target: "median at most 15 percent",
    met: p50 <= 15
  }
}

/** Functions such as people write, numbered, so that no two Sources are the same text; each may call the one before it. */
const written: readonly ((index: number, before: string) => string)[] = [
  (i, before) =>
    `(defn f${i} [n : int acc] (let [{:keys [k]} {:k ${i}} v (map (fn [x] (+ x k)) [1 2 n])] (if (< n ${i}) (match v [a & r] (str a r) _ acc) (${before} (- n 1) {:k [n "s${i}"] :i acc}))))`,
  (i, before) => `(defn f${i} [n acc] (if (<= n ${i}) acc (f${i} (- n 1) (if (even? n) (+ acc (* n ${i + 3})) (${before} 0 acc)))))`,
  (i, before) =>
    `(defn f${i} [rows : int limit]\n  (reduce (fn [m r] (assoc m (:id r) (${before} (:id r) limit))) {} (map (fn [x] {:id x :name (str "row-" x)}) (filter (fn [x] (> x ${i})) (range 0 rows)))))`,
  (i, before) =>
    `(defn f${i} [text other] (try (let [words (split (string-lower (str text)) " ")] (join "-${i}-" (filter (fn [w] (not (empty? w))) words))) (catch e (str "no text: " (${before} 0 other) (getMessage e)))))`,
  (i, before) =>
    `(defn f${i} [x y] (if (nil? x) ${i} (if (string? x) (count x) (if (int? x) (${before} (dec x) y) (if (map? x) (get x :total ${i}) (let [[a b & more] [x y ${i}]] [a b more]))))))`,
  (i, before) =>
    `(defn f${i} [a b] ;; keeps the greater half\n  (let [pairs (for [x [a b ${i}] y [1 2 3]] [x y]) best (fn [p q] (if (> (nth p 1) (nth q 1)) p q))] (if (= a b) (reduce best [0 0] pairs) (${before} a b))))`
]

/** A Source of about this many bytes; `seed` decides where among the forms it begins and how its functions are numbered. */
function sourceOf(bytes: number, seed: number): string {
  let text = ""
  for (let index = seed; text.length < bytes; index++) {
    const form = written[(index * 7 + (index >> 3)) % written.length] as (typeof written)[number]
    text += `${form(index, index === seed ? "vector" : `f${index - 1}`)}\n`
  }
  return text
}

/** Every Source is another one; those before the measured ones warm the compiler as a service's is that has been up for some seconds. */
function compileRows(): BenchRow[] {
  return (
    [
      [2_000, 2, 1_000, 300],
      [20_000, 40, 40, 100]
    ] as const
  ).map(([bytes, targetMs, before, count]) => {
    const taken: number[] = []
    let length = 0
    let worked = 0
    for (let seed = 0; seed < before + count; seed++) {
      const source = sourceOf(bytes, seed)
      if (seed === before) worked = processorMs()
      const start = performance.now()
      compiledOfModule(source)
      if (seed >= before) taken.push(performance.now() - start)
      length = source.length
    }
    const timed = percentiles(taken)
    return {
      name: `compile ${bytes / 1_000} KB of Source, ${count} different ones`,
      n: length,
      p50: timed.p50,
      p99: timed.p99,
      unit: "ms",
      peers: { best: Math.min(...taken), "mean processor time": (processorMs() - worked) / count },
      ratio: targetMs / timed.p50,
      target: `less than ${targetMs} ms`,
      met: timed.p50 < targetMs
    }
  })
}

/** What this thread has worked, waiting for its turn on a busy machine not counted; NaN where Node does not tell. */
function processorMs(): number {
  const usage = (process as { threadCpuUsage?: () => { readonly user: number; readonly system: number } }).threadCpuUsage?.()
  return usage ? (usage.user + usage.system) / 1_000 : Number.NaN
}

function compiledOfModule(source: string): string {
  const compiled = compile(source, { runtime: runtime.abi })
  if (compiled.kind === "rejected") throw new Error(compiled.diagnostics.map(one => one.message).join("; "))
  return compiled.digest
}

/** Size of a small Module, and a whole Run of it: over the wall, linked, run and back, with everything warm. */
async function runRows(): Promise<BenchRow[]> {
  const source = "(defn fib [n] (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))"
  const compiled = compile(source, { runtime: runtime.abi })
  if (compiled.kind === "rejected") throw new Error("fib does not compile")
  const size: BenchRow = {
    name: "Module of a fib-size Source",
    n: source.length,
    p50: compiled.bytes.length,
    p99: compiled.bytes.length,
    unit: "bytes",
    peers: {},
    ratio: 1_500 / compiled.bytes.length,
    target: "at most 1500 bytes",
    met: compiled.bytes.length <= 1_500
  }
  const sandbox = openWorkerSandbox({ launch: forkLaunch })
  const job = {
    module: { digest: compiled.digest, bytes: compiled.bytes },
    runtime,
    entry: compiled.entry,
    args: [5n],
    answers: [],
    limits: defaultLimits
  }
  const whole: number[] = []
  const inside: number[] = []
  for (let round = 0; round < 600; round++) {
    const start = performance.now()
    const outcome = await sandbox.run(job)
    const taken = performance.now() - start
    if (outcome.kind !== "returned" || outcome.value !== "5") throw new Error(`fib(5) ended as ${outcome.kind}`)
    if (round < 100) continue
    whole.push(taken * 1_000)
    inside.push(outcome.spent.wallMs * 1_000)
  }
  await sandbox.close()
  const all = percentiles(whole)
  const within = percentiles(inside)
  return [
    size,
    {
      name: "load, link and run, seen from the engine",
      n: whole.length,
      ...all,
      unit: "µs",
      peers: { worker: within.p50 },
      ratio: 500 / all.p50,
      target: "less than 500 µs",
      met: all.p50 < 500
    },
    {
      name: "way to the worker and back",
      n: whole.length,
      p50: all.p50 - within.p50,
      p99: all.p99 - within.p99,
      unit: "µs",
      peers: {},
      ratio: null,
      target: null,
      met: null
    }
  ]
}
