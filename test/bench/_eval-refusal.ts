/** Is nothing served when the right Module is not there? */
import { readCalibration } from "../../electron/engine/adapters/calibration-file.ts"
import { bundledModel } from "../../electron/engine/adapters/transformers-embedder.ts"
import type { Asked } from "./_eval-asks.ts"
import { ask, plain } from "./_eval-asks.ts"
import type { Half } from "./_eval-data.ts"
import { casesOf, halfOf, nearOpposites, outOfScope, rewordedTasks } from "./_eval-data.ts"
import type { Sheet } from "./_eval-plot.ts"
import { sharesAbove } from "./_eval-plot.ts"
import { all, type Evaluation } from "./_eval-retrieval.ts"
import { type Share, shareOf, shareRow, timeRow } from "./_eval-rows.ts"
import type { EvalStore } from "./_eval-store.ts"
import { openEvalStore } from "./_eval-store.ts"
import type { BenchRow } from "./_report.ts"

/** Interfaces that a request out of scope is given in turn: the commonest of the library, where most could be served by mistake. */
const interfacesMax = 10

export async function refusal(half: Half | "all"): Promise<Evaluation> {
  const calibration = readCalibration(bundledModel)
  const store = await openEvalStore(calibration)
  const rows: BenchRow[] = []
  const sheets: Sheet[] = []
  const absent: Record<number, Share[]> = { 0: [], 1: [], 2: [] }
  try {
    const queries = rewordedTasks().filter(({ task }) => half === "all" || halfOf(task) === half)
    for (const examples of [0, 1, 2]) {
      const asked = await all(queries, query => ask(query, store, { examples, leftOut: true }))
      const share = shareOf(asked, one => one.served !== null)
      absent[examples]?.push(share)
      const title = `right Module left out, ${examples} Example${examples === 1 ? "" : "s"}`
      rows.push(
        shareRow(`${title}: served (${half} tasks)`, share, false, { atMost: 0.01 }, reasons(asked)),
        timeRow(
          `${title}: time`,
          asked.map(one => one.ms)
        )
      )
      if (examples === 0) sheets.push(await similaritySheet(half, asked, queries, store))
    }
    const telling = await all(queries, query => ask(query, store, { examples: 1, leftOut: true, telling: true }))
    const share = shareOf(telling, one => one.served !== null)
    rows.push(
      shareRow(
        "right Module left out, 1 Example whose result is not empty, zero, yes or no where the check has one: served",
        share,
        false,
        { atMost: 0.01 }
      )
    )
    for (const examples of [0, 1]) {
      const share = await scopeless(store, examples)
      absent[examples]?.push(share)
      rows.push(
        shareRow(`out of scope, ${examples === 0 ? "words only" : "with an Example of some Module"}: served`, share, false, {
          atMost: 0.01
        })
      )
    }
    for (const examples of [0, 1]) {
      const together = (absent[examples] ?? []).reduce((sum, one) => ({ hits: sum.hits + one.hits, n: sum.n + one.n }))
      rows.push(
        shareRow(`absent or out of scope, ${examples} Example${examples === 1 ? "" : "s"}: served`, together, false, { atMost: 0.01 })
      )
    }
  } finally {
    await store.close()
  }
  return { rows: [...rows, ...(await opposites(calibration))], sheets }
}

/** Each sentence is asked with one of the commonest Interfaces, and with an Example that fits some Module of it: the hardest way to ask. */
async function scopeless(store: EvalStore, examples: number): Promise<Share> {
  const byInterface = [...Map.groupBy(store.items, item => item.interface).values()].sort((left, right) => right.length - left.length)
  const common = byInterface.slice(0, interfacesMax)
  let hits = 0
  const sentences = outOfScope()
  for (const [at, instruction] of sentences.entries()) {
    const bucket = common[at % common.length] ?? []
    const item = bucket[Math.floor(at / common.length) % bucket.length]
    if (item === undefined) throw new Error("the library is empty")
    const given = casesOf(item).slice(0, examples).map(plain)
    const answer = await store.ask({
      request: { instruction, interface: item.interface, ...(given.length === 0 ? {} : { examples: given }) }
    })
    if (answer.kind === "hit") hits++
  }
  return { hits, n: sentences.length }
}

function reasons(asked: readonly Asked[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { reason } of asked) if (reason !== null) counts[reason] = (counts[reason] ?? 0) + 1
  return counts
}

/** Cosine alone, as a cache with a static threshold serves: the nearest Mapping of the Interface. */
async function similaritySheet(
  half: string,
  absent: readonly Asked[],
  queries: Parameters<typeof ask>[0][],
  store: EvalStore
): Promise<Sheet> {
  const present = await all(queries, query => ask(query, store, { examples: 0, falseHitMax: 0 }))
  const thresholds = Array.from({ length: 26 }, (_, at) => 0.5 + at * 0.02)
  const cosines = (asked: readonly Asked[], right: boolean) =>
    asked.map(({ nearest }) => (nearest?.right === right ? nearest.similarity : null))
  return {
    file: `similarity-${half}`,
    title: `Served by cosine within the Interface alone, by threshold (${half} tasks)`,
    axis: "cosine from",
    text: "What a static threshold would serve without Examples: why ours stands at 0.99, and what lies below it must prove itself.",
    thresholds,
    curves: [
      {
        name: "right Module present: served right",
        colour: "#2b7a3d",
        shares: sharesAbove(cosines(present, true), thresholds),
        n: present.length
      },
      {
        name: "right Module present: served wrong",
        colour: "#c27c0e",
        shares: sharesAbove(cosines(present, false), thresholds),
        n: present.length
      },
      {
        name: "right Module left out: served",
        colour: "#b3261e",
        shares: sharesAbove(cosines(absent, false), thresholds),
        n: absent.length
      }
    ]
  }
}

/** A store of near opposites beside the library: asked for the other of each pair it must not answer with this one. */
async function opposites(calibration: Parameters<typeof openEvalStore>[0]): Promise<BenchRow[]> {
  const pairs = nearOpposites()
  const store = await openEvalStore(
    calibration,
    pairs.map(({ stored, source, interface: type, storedExample: [args, result] }, at) => ({
      name: `opposite ${at + 1}`,
      source,
      task: stored,
      interface: type,
      examples: [{ args, result }]
    }))
  )
  try {
    const served = async (pair: (typeof pairs)[number], instruction: string, example: readonly [string, string] | null) => {
      const examples = example === null ? [] : [{ args: example[0], result: example[1] }]
      const answer = await store.ask({
        request: { instruction, interface: pair.interface, ...(examples.length === 0 ? {} : { examples }) }
      })
      const own = store.items.find(({ task }) => task === pair.stored)
      return answer.kind === "hit" && answer.digest === own?.module
    }
    const count = async (of: (pair: (typeof pairs)[number]) => Promise<boolean>): Promise<Share> => {
      const hits = (await all(pairs, of)).filter(Boolean).length
      return { hits, n: pairs.length }
    }
    return [
      shareRow(
        "near opposites, words only: the stored one served for its opposite",
        await count(pair => served(pair, pair.asked, null)),
        false,
        { atMost: 0 }
      ),
      shareRow(
        "near opposites, with an Example: the stored one served for its opposite",
        await count(pair => served(pair, pair.asked, pair.askedExample)),
        false,
        { atMost: 0 }
      ),
      shareRow("near opposites, their own words: served", await count(pair => served(pair, pair.stored, null)), true, { atLeast: 1 }),
      shareRow(
        "near opposites, their own words with the opposite's Example: served",
        await count(pair => served(pair, pair.stored, pair.askedExample)),
        false,
        { atMost: 0 }
      )
    ]
  } finally {
    await store.close()
  }
}
