/**
 * `node test/tools/calibrate.ts`: makes the calibration that ships with the library, from the tuning half alone. Every reworded task is asked
 * with Examples of its check, with its Module in the store and, in one case of four, without it; what the verified tier would have served
 * is right if it is that Module.
 */
import { createHash } from "node:crypto"
import fs from "node:fs"
import path from "node:path"
import { readLibrary, shippedFolder } from "../../electron/engine/adapters/library-folder.ts"
import type { ShippedCalibration } from "../../electron/engine/calibration.ts"
import type { Judged } from "../../electron/engine/core/calibration.ts"
import { allowanceOf, binsOf, upperBound } from "../../electron/engine/core/calibration.ts"
import { weightsOf } from "../../electron/engine/core/words.ts"
import type { Query } from "../bench/_eval-data.ts"
import { casesOf, halfOf, originalTasks, rewordedLibrary, rewordedTasks } from "../bench/_eval-data.ts"
import type { EvalStore, Published } from "../bench/_eval-store.ts"
import { openEvalStore } from "../bench/_eval-store.ts"

/** Of a task's calls, each given as the only Example once; then the first two together. */
const examplesEach = 3
/** One question in so many is asked with its Module left out too: the traffic this record stands for finds four of five. */
const absentEvery = 4

const queries = [...originalTasks(), ...rewordedTasks()].filter(({ task }) => halfOf(task) === "tuning").concat(rewordedLibrary())
const weights = weightsOf(readLibrary().map(({ description }) => description.task))
const store = await openEvalStore({ model: { id: "none", digest: "sha256:" as never }, made: "", weights, bins: [] })
const judged: (Judged & { readonly task: string; readonly absent: boolean })[] = []
for (const query of queries) {
  const item = store.items.find(({ name, origin }) => name === query.task || origin === query.task)
  if (item === undefined) throw new Error(`no Module answers ${query.task}`)
  const cases = casesOf(item)
  const sets = [...cases.slice(0, examplesEach).map(one => [one]), ...(cases.length > 1 ? [cases.slice(0, 2)] : [])]
  for (const [at, examples] of sets.entries()) {
    await judge(query, item, examples, false)
    if ((createHash("sha256").update(`${query.words} ${at}`).digest()[0] as number) % absentEvery === 0)
      await judge(query, item, examples, true)
  }
}
await store.close()

const { model } = store.embedder
const wrong = judged.filter(({ right }) => !right)
const tasks = new Set(judged.map(({ task }) => task))
const made =
  `${judged.length} answers of the verified tier, ${wrong.length} of them wrong (of ${new Set(wrong.map(({ task }) => task)).size} tasks), to ${queries.length} wordings of ${tasks.size} tasks: ` +
  "the prompts of HumanEval and their rewordings in the ReCode set, tuning half only (first byte of the SHA-256 of task_id even), one wording of our own of each of these, and two of each other Module. " +
  `Each was asked with one Example (up to ${examplesEach} in turn) and with two, its Module in the store; one in ${absentEvery} also without it. ` +
  "Wordings of one task, and Examples of one task, are not independent of each other: the bound is exact for the answers, not for tasks."
const record: ShippedCalibration = { model: { id: model.id, digest: model.digest }, made, weights: sorted(weights), bins: binsOf(judged) }
const file = path.join(shippedFolder(), "calibration", `${model.id}.json`)
fs.mkdirSync(path.dirname(file), { recursive: true })
fs.writeFileSync(
  file,
  `${JSON.stringify(record, null, 1)
    .replace(/\n {3,}/gu, " ")
    .replace(/\n {2}\]/gu, " ]")}\n`
)
process.stdout.write(`${made}\n`)
for (const passed of [1, 2])
  for (const falseHitMax of [0.005, 0.01, 0.02, 0.05]) {
    const { open, from, n, wrong, upper } = allowanceOf(record.bins, passed, falseHitMax)
    process.stdout.write(
      `${passed} Example(s), ${falseHitMax}: ${open ? `from ${from}` : "closed"}; ${wrong} of ${n} wrong, at most ${upper.toFixed(4)}\n`
    )
  }
for (const absent of [false, true]) {
  const some = judged.filter(one => one.absent === absent && one.passed === 1 && one.support >= 0.6)
  const bad = some.filter(({ right }) => !right).length
  process.stdout.write(
    `${absent ? "left out" : "present"}, support from 0.6: ${bad} of ${some.length} wrong, at most ${upperBound(bad, some.length).toFixed(4)}\n`
  )
}

async function judge(
  query: Query,
  item: Published,
  examples: readonly { readonly args: string; readonly result: string }[],
  absent: boolean
) {
  const asked = examples.map(({ args, result }) => ({ args, result }))
  const shadow = await wouldServe(store, query.words, item, asked, absent)
  if (shadow === null) return
  const right = shadow.module === item.module
  if (!right)
    process.stderr.write(
      `wrong${absent ? " (left out)" : ""}: ${item.name}: ${shadow.support.toFixed(2)} ${shadow.task} on ${JSON.stringify(asked)}\n`
    )
  judged.push({ support: shadow.support, passed: asked.length, right, task: item.name, absent })
}

async function wouldServe(of: EvalStore, words: string, item: Published, examples: { args: string; result: string }[], absent: boolean) {
  const answer = await of.ask(
    { request: { instruction: words, interface: item.interface, examples }, falseHitMax: 0, similarityMin: 0.99 },
    absent ? item.module : undefined
  )
  return answer.kind === "miss" ? (answer.shadow ?? null) : null
}

function sorted(from: typeof weights): typeof weights {
  return { texts: from.texts, found: Object.fromEntries(Object.entries(from.found).sort(([left], [right]) => (left < right ? -1 : 1))) }
}
