/** The same questions put to plainer ways, on the same data: a Map with a scan, SQLite with a scan, LanceDB with its filter. Each must find what was asked for. */
import { createRequire } from "node:module"
import path from "node:path"
import { DatabaseSync } from "node:sqlite"
import { cosine, isNear } from "../../electron/engine/core/ranking.ts"
import type { Data, Question } from "./_lookup-data.ts"
import { dimensions, similarityMin, vectorOf } from "./_lookup-data.ts"
import { say, timed } from "./_rows.ts"

/** Longest a peer is asked, seconds: at a million it may take a second for each answer. */
const askSecondsMax = 60

export async function askPeers(data: Data, questions: readonly Question[], folder: string, all: boolean): Promise<Map<string, number[]>> {
  const answers = new Map<string, number[]>()
  say("asking a Map and an array")
  answers.set("Map + scan", await asked(questions, async question => expectFound(scan(data, question), question)))
  if (!all) return answers
  say("asking SQLite")
  answers.set("SQLite + scan", await askSqlite(data, questions, path.join(folder, "peer.sqlite")))
  say("asking LanceDB")
  answers.set("LanceDB", await askLance(data, questions, path.join(folder, "peer.lance")))
  return answers
}

/** Mappings of the Interface near the question, by comparing every one. */
export function scan(data: Data, { interfaceIndex, vector }: Question): number[] {
  return data.members[interfaceIndex]!.filter(at => isNear(cosine(vectorOf(data.vectors, at), vector), similarityMin))
}

/** Microseconds of each question, as many as the time allows. */
async function asked(questions: readonly Question[], ask: (question: Question) => Promise<void>): Promise<number[]> {
  const times: number[] = []
  const end = performance.now() + 1_000 * askSecondsMax
  for (const question of questions) {
    times.push(...(await timed([question], ask)))
    if (performance.now() > end) break
  }
  return times
}

function expectFound(found: readonly number[], { target }: Question): void {
  if (!found.includes(target)) throw new Error("a peer missed what it was asked for")
}

async function askSqlite(data: Data, questions: readonly Question[], file: string): Promise<number[]> {
  const database = new DatabaseSync(file)
  try {
    database.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; CREATE TABLE m (i INTEGER PRIMARY KEY, h BLOB, v BLOB); BEGIN")
    const insert = database.prepare("INSERT INTO m VALUES (?, ?, ?)")
    const keys = data.hashes.map(one => Buffer.from(one.slice(7), "hex"))
    for (let at = 0; at < data.count; at++) {
      const vector = vectorOf(data.vectors, at)
      insert.run(at, keys[data.interfaces[at]!]!, new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength))
    }
    database.exec("COMMIT; CREATE INDEX mh ON m (h)")
    const select = database.prepare("SELECT i, v FROM m WHERE h = ?")
    return await asked(questions, async question => {
      const found: number[] = []
      for (const row of select.iterate(keys[question.interfaceIndex]!) as Iterable<{ i: number; v: Uint8Array }>) {
        const vector = new Float32Array(row.v.buffer, row.v.byteOffset, dimensions)
        if (isNear(cosine(vector, question.vector), similarityMin)) found.push(row.i)
      }
      expectFound(found, question)
    })
  } finally {
    database.close()
  }
}

const rowsAtOnce = 50_000

async function askLance(data: Data, questions: readonly Question[], directory: string): Promise<number[]> {
  process.env.LANCEDB_LOG = "error"
  const lancedb = await import("@lancedb/lancedb")
  // The very copy that LanceDB loads: it knows its own classes only, and takes them as they are.
  const arrow = createRequire(import.meta.url)("apache-arrow") as typeof import("apache-arrow")
  const element = new arrow.Field("item", new arrow.Float32(), true)
  const list = new arrow.FixedSizeList(dimensions, element)
  const schema = new arrow.Schema([
    new arrow.Field("id", new arrow.Int32()),
    new arrow.Field("interface_hash", new arrow.Utf8()),
    new arrow.Field("vector", list)
  ])
  const connection = await lancedb.connect(directory, {}, new lancedb.Session(256n << 20n, 64n << 20n))
  const table = await connection.createEmptyTable("m", schema)
  for (let from = 0; from < data.count; from += rowsAtOnce) {
    const length = Math.min(rowsAtOnce, data.count - from)
    const ids = arrow.makeData({ type: new arrow.Int32(), length, data: Int32Array.from({ length }, (_, at) => from + at) })
    const hashes = arrow.vectorFromArray(
      Array.from({ length }, (_, at) => data.hashes[data.interfaces[from + at]!]! as string),
      new arrow.Utf8()
    ).data[0]!
    const floats = arrow.makeData({
      type: new arrow.Float32(),
      length: length * dimensions,
      data: data.vectors.slice(from * dimensions, (from + length) * dimensions)
    })
    const vectors = arrow.makeData({ type: list, length, child: floats })
    const struct = arrow.makeData({ type: new arrow.Struct(schema.fields), length, children: [ids, hashes, vectors] })
    await table.add(new arrow.Table(schema, new arrow.RecordBatch(schema, struct)))
  }
  await table.optimize()
  await table.createIndex("interface_hash", { config: lancedb.Index.btree() })
  const one = async (question: Question) => {
    const found = (await table
      .query()
      .where(`interface_hash = '${data.hashes[question.interfaceIndex]!}'`)
      .nearestTo(question.vector)
      .distanceType("cosine")
      .limit(16)
      .select(["id", "_distance"])
      .toArray()) as { id: number }[]
    expectFound(
      found.map(({ id }) => id),
      question
    )
  }
  await timed(questions.slice(0, 10), one)
  const times = await asked(questions, one)
  connection.close()
  return times
}
