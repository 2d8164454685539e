/**
 * Find over N real Modules: words, TYPE and one Example together, held beside full text alone and vectors alone of LanceDB in the same run.
 * `--modules N` (default 10,000) `--questions Q` `--folder DIR` keeps the store there and uses it again.
 */
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { openFileLedger } from "../../electron/engine/adapters/file-ledger.ts"
import { openLanceIndex } from "../../electron/engine/adapters/lance-index.ts"
import { shippedFolder } from "../../electron/engine/adapters/library-folder.ts"
import { bundledModel, openTransformersEmbedder } from "../../electron/engine/adapters/transformers-embedder.ts"
import type { Engine } from "../../electron/engine/index.ts"
import { forkLaunch, initStore, openEngine } from "../../electron/engine/index.ts"
import { randomOf } from "../engine/vectors.ts"
import type { MadeModule } from "./_find-modules.ts"
import { madeModules } from "./_find-modules.ts"
import type { BenchRow } from "./bench.ts"

const together = 8
const warmQuestions = 10

export async function rows(options: ReadonlyMap<string, string>): Promise<readonly BenchRow[]> {
  const count = Number(options.get("modules") ?? 10_000)
  const asked = Number(options.get("questions") ?? 100)
  if (!Number.isInteger(count) || count < 50 || count > 100_000) throw new Error("expected --modules between 50 and 100000")
  if (!Number.isInteger(asked) || asked < 10 || asked > count - warmQuestions)
    throw new Error("expected --questions between 10 and --modules less 10")
  const kept = options.get("folder")
  const folder = kept ?? fs.mkdtempSync(path.join(os.tmpdir(), "l4 bench "))
  const places = { store: path.join(folder, "store"), home: path.join(folder, "home") }
  const modules = madeModules(count, 20_261_122)
  try {
    if (!fs.existsSync(path.join(places.store, "FORMAT.json"))) await initStore({ ...places, owner: "bench" })
    const engine = await openEngine({ ...places, launch: forkLaunch })
    let measured: Measured
    try {
      await fill(engine, modules)
      measured = await measure(engine, modules, asked)
    } finally {
      await engine.close()
    }
    const peers = await askPeers(places.store, measured.questions)
    return reported(count, measured, peers)
  } finally {
    if (kept === undefined) fs.rmSync(folder, { recursive: true, force: true })
  }
}

/** Published and signed off; what a kept store has already is left. */
async function fill(engine: Engine, modules: readonly MadeModule[]): Promise<void> {
  const { modules: there } = await engine.status({})
  if (there >= modules.length) return
  const startMs = performance.now()
  let next = 0
  await Promise.all(
    Array.from({ length: together }, async () => {
      for (let at = next++; at < modules.length; at = next++) {
        const { task, source, args, result } = modules[at]!
        const answer = await engine.publish({ request: { instruction: task }, source, examples: [{ args, result }] })
        if (answer.kind !== "published") throw new Error(`not published: ${JSON.stringify(answer).slice(0, 500)}`)
        if (answer.verdict.state !== "trusted")
          await engine.signOff({
            digest: answer.digest,
            mapping: answer.mapping,
            signOff: { decision: "approve", note: "made for a bench" }
          })
        if (at % 1_000 === 999) say(`published ${at + 1} in ${((performance.now() - startMs) / 1_000).toFixed(0)} s`)
      }
    })
  )
}

interface Measured {
  readonly questions: readonly MadeModule[]
  readonly firstFindMs: number
  /** Of the engine's process for one question with all terms; runner and index are processes of their own. */
  readonly processorMs: number
  readonly whole: readonly number[]
  readonly firstRow: readonly number[]
  readonly wordsOnly: readonly number[]
  /** Questions whose own Module stood first: all terms together, and words alone. */
  readonly right: { readonly whole: number; readonly words: number }
}

async function measure(engine: Engine, modules: readonly MadeModule[], asked: number): Promise<Measured> {
  const random = randomOf(7)
  const drawn = [...modules].sort(() => random() - 0.5).slice(0, asked + warmQuestions)
  const questions = drawn.slice(warmQuestions)
  say("filling the catalogue")
  const startMs = performance.now()
  await engine.find({ words: "anything", limit: 1 })
  const firstFindMs = performance.now() - startMs
  say("asking")
  // Verdicts, admissions and compiled Modules are kept; the words of the measured questions differ, so that their vectors are not.
  for (const question of drawn) await engine.find({ ...termsOf(question), words: `${question.asked}, warm` })
  const right = { whole: 0, words: 0 }
  const whole: number[] = []
  const before = process.cpuUsage()
  const firstRow: number[] = []
  const wordsOnly: number[] = []
  for (const question of questions) {
    const [answer, ms] = await timed(() => engine.find(termsOf(question)))
    whole.push(ms)
    if (answer.rows[0]?.task === question.task) right.whole++
  }
  const { user, system } = process.cpuUsage(before)
  const processorMs = (user + system) / 1_000 / questions.length
  for (const question of questions) firstRow.push(await untilFirstRow(engine, { ...termsOf(question), words: `${question.asked} please` }))
  for (const question of questions) {
    const [answer, ms] = await timed(() => engine.find({ words: `${question.asked}, that is all`, limit: 20 }))
    wordsOnly.push(ms)
    if (answer.rows[0]?.task === question.task) right.words++
  }
  return { questions, firstFindMs, processorMs, whole, firstRow, wordsOnly, right }
}

function termsOf({ asked, type, args, result }: MadeModule) {
  return { words: asked, type, examples: [{ args, result }] }
}

async function untilFirstRow(engine: Engine, terms: ReturnType<typeof termsOf>): Promise<number> {
  const startMs = performance.now()
  const { search } = await engine.findStart(terms)
  let ms: number | null = null
  for (let page = await engine.findNext({ search }); ; page = await engine.findNext({ search })) {
    if (page.rows.length > 0) ms ??= performance.now() - startMs
    if (page.done) return ms ?? performance.now() - startMs
    if (ms !== null) {
      await engine.findNext({ search, end: true })
      return ms
    }
  }
}

interface Peer {
  readonly ms: readonly number[]
  readonly right: number
}

/** LanceDB over the same Ledger, in its own process as always: 20 rows by one list alone. */
async function askPeers(store: string, questions: readonly MadeModule[]): Promise<{ readonly text: Peer; readonly vector: Peer }> {
  say("asking LanceDB")
  const ledger = openFileLedger(path.join(store, "ledger"), { quarantine: path.join(store, "quarantine"), nowMs: Date.now, readOnly: true })
  const lance = openLanceIndex({
    launch: forkLaunch,
    directory: path.join(store, "lance"),
    quarantine: path.join(store, "quarantine"),
    dimensions: bundledModel.dimensions,
    ledger
  })
  const embedder = openTransformersEmbedder({ modelDirectory: path.join(shippedFolder("models"), bundledModel.id) })
  const ask = async (search: (question: MadeModule) => ReturnType<typeof lance.search>): Promise<Peer> => {
    const ms: number[] = []
    let right = 0
    for (const question of questions.slice(0, warmQuestions)) await search(question)
    for (const question of questions) {
      const [rows, spent] = await timed(() => search(question))
      ms.push(spent)
      if (rows[0]?.record.taskText === question.task) right++
    }
    return { ms, right }
  }
  try {
    await embedder.embed(["warm"])
    const text = await ask(question => lance.search(question.asked, null, 20))
    const vector = await ask(async question => lance.search("", (await embedder.embed([`${question.asked}!`]))[0] ?? null, 20))
    return { text, vector }
  } finally {
    await lance.close()
    await embedder.close()
    await ledger.close()
  }
}

function reported(count: number, measured: Measured, peers: { readonly text: Peer; readonly vector: Peer }): BenchRow[] {
  const { whole, firstRow, wordsOnly, right, questions, firstFindMs, processorMs } = measured
  const of = (part: number) => (100 * part) / questions.length
  const [text, vector] = [quantile(peers.text.ms, 0.5), quantile(peers.vector.ms, 0.5)]
  const others = { "full text only": text, "vector only": vector }
  const row = (name: string, ms: readonly number[], more: Partial<BenchRow> = {}): BenchRow => ({
    name,
    n: ms.length,
    p50: quantile(ms, 0.5),
    p99: quantile(ms, 0.99),
    unit: "ms",
    peers: {},
    ratio: null,
    target: null,
    met: null,
    ...more
  })
  const value = (name: string, number: number, unit: string, more: Partial<BenchRow> = {}): BenchRow => ({
    ...row(name, [number]),
    n: questions.length,
    unit,
    ...more
  })
  const [wholeP95, firstP95] = [quantile(whole, 0.95), quantile(firstRow, 0.95)]
  return [
    row(`find by words, TYPE and one Example, ${count} Modules`, whole, {
      peers: others,
      ratio: Math.min(text, vector) / quantile(whole, 0.5)
    }),
    value("the same, p95", wholeP95, "ms", { target: "p95 < 300 ms", met: wholeP95 < 300 }),
    value("processor time of it in the engine's process, mean", processorMs, "ms"),
    row("first row of it", firstRow),
    value("first row of it, p95", firstP95, "ms", { target: "p95 < 100 ms", met: firstP95 < 100 }),
    row("find by words alone", wordsOnly, { peers: others, ratio: Math.min(text, vector) / quantile(wordsOnly, 0.5) }),
    row("peer: full text only (LanceDB)", peers.text.ms),
    row("peer: vector only (LanceDB, embedding included)", peers.vector.ms),
    value("right Module first, all terms", of(right.whole), "%", {
      peers: { "words alone": of(right.words), "full text only": of(peers.text.right), "vector only": of(peers.vector.right) }
    }),
    value("first Find, which fills the catalogue", firstFindMs, "ms")
  ]
}

async function timed<T>(work: () => Promise<T>): Promise<[T, number]> {
  const startMs = performance.now()
  const answer = await work()
  return [answer, performance.now() - startMs]
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
}

function say(what: string): void {
  process.stderr.write(`find: ${what}\n`)
}
