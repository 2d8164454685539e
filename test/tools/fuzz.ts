/** Differential fuzzing: `npm run -s fuzz -- [--seconds N] [--seed N] [--json]`. Random programs through interpreter and compiled code, random bytes through every door. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { forkLaunch } from "../../electron/engine/adapters/child-process.ts"
import { openInterpreter } from "../../electron/engine/adapters/interpreter-line.ts"
import { loadPinnedRuntime } from "../../electron/engine/adapters/pinned-runtime.ts"
import { openWorkerSandbox } from "../../electron/engine/adapters/worker-sandbox.ts"
import { admit } from "../../electron/engine/core/admission.ts"
import { decodeValue } from "../../electron/engine/core/codec.ts"
import { analyse } from "../../electron/engine/core/compiler/analyse.ts"
import { compile } from "../../electron/engine/core/compiler/compile.ts"
import { readLiteral } from "../../electron/engine/core/literal.ts"
import { evaluate } from "../../electron/engine/evaluate.ts"
import type { Tree } from "./random-program.ts"
import { randomOf, randomProgram, sizeOf, smaller, textOf } from "./random-program.ts"

const regressions = fileURLToPath(new URL("../golden/regressions/", import.meta.url))
/** Programs under way at once, and attempts at making one smaller. */
const batch = 24
const shrinksMax = 400
/** Both engines stop early: a program that takes longer says nothing. */
const limits = { fuelMax: 300_000, timeoutMs: 2_000, memoryPagesMax: 512 }

const seconds = Number(option("--seconds") ?? 10)
const seed = Number(option("--seed") ?? Date.now() % 4_294_967_296)
const runtime = loadPinnedRuntime()
const sandbox = openWorkerSandbox({ launch: forkLaunch })
const bench = { runtime, sandbox, interpret: openInterpreter(forkLaunch) }
const counts = { tried: 0, inconclusive: 0, disagreements: 0, crashes: 0 }
const found: string[] = []

function option(name: string): string | undefined {
  const at = process.argv.indexOf(name)
  return at < 0 ? undefined : process.argv[at + 1]
}

/** What both engines must agree on: the value, the error category, or the call of the host. Null: this engine came to no end. */
async function answerOf(source: string, engine: "wasm" | "interpreter"): Promise<string | null> {
  const outcome = await evaluate({ source, engine, limits }, bench)
  switch (outcome.kind) {
    case "returned":
      return `value ${outcome.value}`
    case "failed":
      return `error ${outcome.category}`
    case "needs-host":
      return `host ${outcome.capability} ${outcome.arguments}`
    case "rejected":
      return "diagnostics" in outcome
        ? `rejected ${outcome.diagnostics.find(one => one.severity === "error")?.category}`
        : `refused ${outcome.reason} ${outcome.detail}`
    case "trapped":
      return `trapped ${outcome.reason}`
    default:
      return null
  }
}

interface Difference {
  readonly interpreter: string
  readonly wasm: string
}

async function differenceOf(source: string): Promise<Difference | "none" | "inconclusive"> {
  const wasm = await answerOf(source, "wasm")
  if (wasm === null) return "inconclusive"
  const interpreter = await answerOf(source, "interpreter")
  if (interpreter === null) return "inconclusive"
  return wasm === interpreter && !wasm.startsWith("trapped") && !wasm.startsWith("refused") ? "none" : { interpreter, wasm }
}

function sourceOf(forms: readonly Tree[]): string {
  return forms.map(textOf).join("\n")
}

/** The smallest program found that still differs. */
async function shrunk(forms: readonly Tree[]): Promise<readonly Tree[]> {
  let best = forms
  let left = shrinksMax
  for (let again = true; again && left > 0; ) {
    again = false
    for (const candidate of smaller(best)) {
      if (left-- <= 0) break
      if (size(candidate) >= size(best)) continue
      const difference = await differenceOf(sourceOf(candidate)).catch(() => "none" as const)
      if (typeof difference === "string") continue
      best = candidate
      again = true
      break
    }
  }
  return best
}

function size(forms: readonly Tree[]): number {
  return forms.reduce((sum, tree) => sum + sizeOf(tree), 0)
}

async function tryProgram(forms: readonly Tree[]): Promise<void> {
  counts.tried++
  const source = sourceOf(forms)
  try {
    const difference = await differenceOf(source)
    if (difference === "inconclusive") counts.inconclusive++
    else if (difference !== "none") await keep(forms, "disagreement")
  } catch (fault) {
    counts.crashes++
    report(`crash: ${fault instanceof Error ? fault.stack : fault}\n${source}`)
  }
}

async function keep(forms: readonly Tree[], kind: string): Promise<void> {
  counts.disagreements++
  const small = sourceOf(await shrunk(forms))
  const difference = await differenceOf(small)
  if (found.includes(small)) return
  found.push(small)
  report(`${kind}: ${small}\n  ${JSON.stringify(difference)}`)
  mkdirSync(regressions, { recursive: true })
  const name = join(regressions, `${hashOf(small)}.rtfs`)
  if (!existsSync(name)) writeFileSync(name, `${small}\n`)
}

function hashOf(text: string): string {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return (hash >>> 0).toString(16).padStart(8, "0")
}

function report(text: string): void {
  if (!process.argv.includes("--json")) console.log(text)
  else console.error(text)
}

/** Doors that take bytes from strangers: none may throw, whatever comes. */
const doors: Readonly<Record<string, (bytes: Uint8Array) => unknown>> = {
  reader: bytes => analyse(Buffer.from(bytes).toString("latin1")),
  literal: bytes => readLiteral(Buffer.from(bytes).toString("utf8"), "result"),
  codec: bytes => decodeValue(bytes),
  admission: bytes => admit(bytes)
}

function tryDoors(random: () => number, seeds: readonly Uint8Array[]): void {
  for (const [name, door] of Object.entries(doors)) {
    const bytes = randomBytes(random, seeds)
    counts.tried++
    try {
      door(bytes)
    } catch (fault) {
      counts.crashes++
      report(`crash of ${name}: ${fault instanceof Error ? fault.stack : fault}\n${Buffer.from(bytes).toString("hex")}`)
    }
  }
}

/** Noise, or something well-formed with a few bytes changed, cut out or repeated. */
function randomBytes(random: () => number, seeds: readonly Uint8Array[]): Uint8Array {
  const below = (bound: number) => Math.floor(random() * bound)
  if (random() < 0.3) return Uint8Array.from({ length: below(60) }, () => below(256))
  const start = seeds[below(seeds.length)] as Uint8Array
  let bytes = Uint8Array.from(start)
  for (let left = 1 + below(4); left > 0; left--) {
    const at = below(bytes.length + 1)
    const choice = random()
    if (choice < 0.5 && bytes.length > 0) bytes[Math.min(at, bytes.length - 1)] = below(256)
    else if (choice < 0.75) bytes = Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + below(8))])
    else bytes = Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(Math.max(0, at - below(8)), at), ...bytes.subarray(at)])
  }
  return bytes
}

function seedBytes(): Uint8Array[] {
  const texts = [
    "(defn f [{:keys [a b]} & r] (match a [1 & x] x _ `(~a)))",
    '{:a [1 2.5 "s\\n"] "k" ##NaN 3 nil}',
    "(module m (:exports [f]) (defn f [x : [:and :int [:> 0]]] : int? x))",
    "#(+ % 1) ; c\n#| b |# (try 1 (catch _ e e) (finally 2))"
  ]
  const compiled = texts
    .map(text => compile(text, { mode: "program", runtime: runtime.abi }))
    .flatMap(one => (one.kind === "compiled" ? [one.bytes] : []))
  const canonical = ["a420000201616202c6616180", "c8826a747970652d6572726f72616d", "82fb3ff8000000000000c78101"].map(
    hex => new Uint8Array(Buffer.from(hex, "hex"))
  )
  const plain = new Uint8Array(
    Buffer.from("0061736d0100000001070160027e7e017e03020100070701036164640000" + "0a09010700200020017c0b", "hex")
  )
  return [...texts.map(text => new Uint8Array(Buffer.from(text))), ...compiled, ...canonical, plain]
}

async function main(): Promise<void> {
  const end = performance.now() + seconds * 1_000
  const random = randomOf(seed)
  const seeds = seedBytes()
  while (performance.now() < end) {
    await Promise.all(Array.from({ length: batch }, () => tryProgram(randomProgram(random))))
    for (let left = 20; left > 0; left--) tryDoors(random, seeds)
  }
  await sandbox.close()
  const { tried, disagreements, crashes, inconclusive } = counts
  if (process.argv.includes("--json")) console.log(JSON.stringify({ tried, disagreements, crashes, seed, inconclusive }))
  else console.log(`${tried} tried, ${disagreements} disagreements, ${crashes} crashes, ${inconclusive} inconclusive, seed ${seed}`)
  process.exitCode = disagreements + crashes === 0 ? 0 : 1
}

if (process.argv.includes("--source")) {
  const file = option("--source") as string
  console.log(await differenceOf(readFileSync(file, "utf8")))
  await sandbox.close()
} else await main()
