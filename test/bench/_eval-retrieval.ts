/** Is the right Module found and served when it is there? */
import { readCalibration } from "../../electron/engine/adapters/calibration-file.ts"
import { bundledModel } from "../../electron/engine/adapters/transformers-embedder.ts"
import { contrastOf } from "../../electron/engine/core/contrast.ts"
import { cosine } from "../../electron/engine/core/ranking.ts"
import type { Asked } from "./_eval-asks.ts"
import { ask, itemOf } from "./_eval-asks.ts"
import type { Half, Query } from "./_eval-data.ts"
import { halfOf, rewordedTasks, sentencePairs } from "./_eval-data.ts"
import type { Sheet } from "./_eval-plot.ts"
import { sharesAbove } from "./_eval-plot.ts"
import { shareOf, shareRow, timeRow } from "./_eval-rows.ts"
import type { EvalStore } from "./_eval-store.ts"
import { openEvalStore } from "./_eval-store.ts"
import type { BenchRow } from "./_report.ts"

export interface Evaluation {
  readonly rows: readonly BenchRow[]
  readonly sheets: readonly Sheet[]
}

const besideDefault = [0.02, 0.05]

export async function retrieval(half: Half | "all"): Promise<Evaluation> {
  const store = await openEvalStore(readCalibration(bundledModel))
  try {
    const queries = rewordedTasks().filter(({ task }) => half === "all" || halfOf(task) === half)
    const served = await lookups(queries, half, store)
    return {
      rows: [...(await words(queries, half, store)), ...served.rows, ...(await pairs(store))],
      sheets: [served.sheet]
    }
  } finally {
    await store.close()
  }
}

/** Find, by words alone, over the whole library. */
async function words(queries: readonly Query[], half: string, store: EvalStore): Promise<BenchRow[]> {
  const found: { readonly query: Query; readonly place: number; readonly byVector: number; readonly byText: number }[] = []
  const times: number[] = []
  const modules = new Map(store.items.map(({ task, module }) => [task, module]))
  const vectors = await store.embedder.embed([...modules.keys()])
  for (const query of queries) {
    const { module } = itemOf(query, store)
    const [vector] = await store.embedder.embed([query.words])
    const start = performance.now()
    const rows = await store.find(query.words, 50)
    times.push(performance.now() - start)
    const near = [...modules.values()]
      .map((digest, at) => ({ digest, similarity: cosine(vector as Float32Array, vectors[at] as Float32Array) }))
      .sort((left, right) => right.similarity - left.similarity)
    const text = await store.index.search(query.words, null, 50)
    found.push({
      query,
      place: rows.indexOf(module),
      byVector: near.findIndex(({ digest }) => digest === module),
      byText: text.findIndex(({ record }) => record.module === module)
    })
  }
  const changed = found.filter(({ query }) => query.changed)
  const first = (of: "place" | "byVector" | "byText") => shareOf(found, one => one[of] === 0)
  const ten = (of: "place" | "byVector" | "byText") => shareOf(found, one => one[of] >= 0 && one[of] < 10)
  const ratio = ({ hits, n }: { hits: number; n: number }) => hits / n
  return [
    shareRow(
      `find by words: right one first (${half} tasks)`,
      first("place"),
      true,
      { atLeast: 0.9 },
      {
        "vectors only": ratio(first("byVector")),
        "full text only": ratio(first("byText"))
      }
    ),
    shareRow(
      `find by words: right one among ten (${half} tasks)`,
      ten("place"),
      true,
      { atLeast: 0.98 },
      {
        "vectors only": ratio(ten("byVector")),
        "full text only": ratio(ten("byText"))
      }
    ),
    ...["BackTranslation", "SynonymSubstitution"].flatMap(set => {
      const some = found.filter(({ query }) => query.set === set)
      return [
        shareRow(
          `find by words: right one first, ${set}`,
          shareOf(some, one => one.place === 0),
          true
        ),
        shareRow(
          `find by words: right one among ten, ${set}`,
          shareOf(some, one => one.place >= 0 && one.place < 10),
          true
        )
      ]
    }),
    shareRow(
      "find by words: right one first, prompts that differ from the original",
      shareOf(changed, one => one.place === 0),
      true
    ),
    shareRow(
      "find by words: right one among ten, prompts that differ from the original",
      shareOf(changed, one => one.place >= 0 && one.place < 10),
      true
    ),
    timeRow("find by words: time, the text embedded before", times)
  ]
}

/** Lookup, with the Interface and none, one or two Examples of the task's check. */
async function lookups(queries: readonly Query[], half: string, store: EvalStore) {
  const rows: BenchRow[] = []
  for (const examples of [0, 1, 2]) {
    const asked = await all(queries, query => ask(query, store, { examples }))
    const title = `lookup, right Module present, ${examples} Example${examples === 1 ? "" : "s"}`
    rows.push(
      ...servedRows(title, asked, examples === 1),
      timeRow(
        `${title}: time, the text embedded before`,
        asked.map(one => one.ms)
      )
    )
  }
  const telling = await all(queries, query => ask(query, store, { examples: 1, telling: true }))
  rows.push(
    ...servedRows(
      "lookup, right Module present, 1 Example whose result is not empty, zero, yes or no where the check has one",
      telling,
      true
    )
  )
  for (const falseHitMax of besideDefault) {
    const asked = await all(queries, query => ask(query, store, { examples: 1, falseHitMax }))
    rows.push(...servedRows(`lookup, right Module present, 1 Example, ${percent(falseHitMax)} false Hits allowed`, asked, false))
  }
  const closed = await all(queries, query => ask(query, store, { examples: 1, falseHitMax: 0 }))
  const absent = await all(queries, query => ask(query, store, { examples: 1, falseHitMax: 0, leftOut: true }))
  return { rows, sheet: supportSheet(half, closed, absent) }
}

function servedRows(title: string, asked: readonly Asked[], aimed: boolean): BenchRow[] {
  const hits = asked.filter(({ served }) => served !== null)
  const byTier = Object.fromEntries(["exact-text", "similar", "verified"].map(tier => [tier, hits.filter(one => one.tier === tier).length]))
  return [
    shareRow(
      `${title}: served right`,
      shareOf(asked, one => one.served === "right"),
      true,
      aimed ? { atLeast: 0.9 } : {},
      byTier
    ),
    shareRow(
      `${title}: false Hits among the Hits`,
      shareOf(hits, one => one.served === "wrong"),
      false,
      aimed ? { atMost: 0.01 } : {}
    )
  ]
}

function supportSheet(half: string, present: readonly Asked[], absent: readonly Asked[]): Sheet {
  const thresholds = Array.from({ length: 34 }, (_, at) => 0.44 + at * 0.02)
  const support = (asked: readonly Asked[], right: boolean) => asked.map(({ shadow }) => (shadow?.right === right ? shadow.support : null))
  return {
    file: `support-${half}`,
    title: `Served with one Example, by threshold of support (${half} tasks)`,
    axis: "support from",
    text: "What the verified tier would serve at each threshold. Its own threshold comes from the tuning half alone.",
    thresholds,
    curves: [
      {
        name: "right Module present: served right",
        colour: "#2b7a3d",
        shares: sharesAbove(support(present, true), thresholds),
        n: present.length
      },
      {
        name: "right Module present: served wrong",
        colour: "#c27c0e",
        shares: sharesAbove(support(present, false), thresholds),
        n: present.length
      },
      {
        name: "right Module left out: served",
        colour: "#b3261e",
        shares: sharesAbove(support(absent, false), thresholds),
        n: absent.length
      }
    ]
  }
}

/** The figures a known semantic cache reports on these pairs, at its thresholds. */
const theirs: Readonly<Record<string, { right: number; wrong: number }>> = {
  "0.95": { right: 425, wrong: 25 },
  "0.9": { right: 804, wrong: 77 },
  "0.8": { right: 904, wrong: 92 }
}

/** Sentence pairs of GPTCache: no Modules, the words' part alone; its nearest sentence, at our threshold and at theirs. */
async function pairs(store: EvalStore): Promise<BenchRow[]> {
  const all = sentencePairs()
  const stored = [...new Set(all.map(({ origin }) => origin))]
  const vectors = await store.embedder.embed(stored)
  const nearest: { readonly similarity: number; readonly right: boolean; readonly contrast: boolean }[] = []
  for (const { origin, similar } of all) {
    const [vector] = (await store.embedder.embed([similar])) as [Float32Array]
    let best = 0
    let similarity = -1
    for (const [at, other] of vectors.entries()) {
      const here = cosine(vector, other)
      if (here > similarity) [best, similarity] = [at, here]
    }
    nearest.push({ similarity, right: stored[best] === origin, contrast: contrastOf(stored[best] as string, similar) !== null })
  }
  const rows = [
    shareRow(
      "GPTCache pairs: right sentence nearest",
      shareOf(nearest, one => one.right),
      true
    )
  ]
  for (const threshold of [0.99, 0.95, 0.9, 0.8]) {
    const hits = nearest.filter(one => one.similarity >= threshold)
    const kept = hits.filter(one => !one.contrast)
    const known = theirs[String(threshold)]
    rows.push(
      shareRow(
        `GPTCache pairs: served right at ${threshold}`,
        { hits: kept.filter(one => one.right).length, n: nearest.length },
        true,
        {},
        {
          "by cosine alone": hits.filter(one => one.right).length,
          ...(known === undefined ? {} : { "GPTCache, as it reports": known.right })
        }
      ),
      shareRow(
        `GPTCache pairs: false Hits among the Hits at ${threshold}`,
        shareOf(kept, one => !one.right),
        false,
        {},
        {
          "by cosine alone": hits.filter(one => !one.right).length,
          ...(known === undefined ? {} : { "GPTCache, as it reports": known.wrong })
        }
      )
    )
  }
  return rows
}

export async function all<T, R>(list: readonly T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const done: R[] = []
  for (const one of list) done.push(await work(one))
  return done
}

function percent(share: number): string {
  return `${share * 100} %`
}
