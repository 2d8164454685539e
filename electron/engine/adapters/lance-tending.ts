/** What keeps a LanceDB table quick: indices once they pay, compaction of small fragments, and old versions removed. */
import * as lancedb from "@lancedb/lancedb"

/** Rows from which a vector index is quicker than comparing all (storage page, section 3). */
export const vectorIndexRowsMin = 50_000
/** It is built anew when the table has grown by half. */
const growthBeforeRebuild = 1.5
const fragmentsMax = 20
const unindexedRowsMax = 1_000
const keptVersionsMs = 3_600_000

/** Only a bitmap answers "which of few values" quickly; a B-tree serves points and ranges of many. */
const scalarIndices = [
  ["id", lancedb.Index.btree],
  ["interface_hash", lancedb.Index.btree],
  ["validation_status", lancedb.Index.bitmap],
  ["language_version", lancedb.Index.bitmap],
  ["embedding_model", lancedb.Index.bitmap],
  ["task_text", lancedb.Index.fts],
  ["type_text", lancedb.Index.fts]
] as const
const vectorColumn = "semantic_embedding"

/** Makes the indices that are missing, once rows exist: one made on an empty table has bitten others. Answers whether all are there. */
export async function ensureIndices(table: lancedb.Table): Promise<boolean> {
  if ((await table.countRows()) === 0) return false
  const present = new Set((await table.listIndices()).flatMap(index => index.columns))
  for (const [column, config] of scalarIndices) if (!present.has(column)) await table.createIndex(column, { config: config() })
  return true
}

/**
 * Compacts where there are many fragments or many rows no index knows, and drops versions older than an hour. `thorough` also removes files
 * that belong to no version, which only the one process that writes may do. Answers what was done, in words.
 */
export async function compact(table: lancedb.Table, thorough: boolean, keptMs = keptVersionsMs): Promise<string[]> {
  const { fragmentStats } = await table.stats()
  const unindexed = await unindexedRows(table)
  const due = fragmentStats.numFragments > fragmentsMax || unindexed >= unindexedRowsMax
  if (!due && !thorough) return []
  const done = await table.optimize({
    cleanupOlderThan: new Date(Date.now() - keptMs),
    ...(thorough ? { deleteUnverified: true } : {})
  })
  const said: string[] = []
  if (done.compaction.fragmentsRemoved > 0)
    said.push(`${done.compaction.fragmentsRemoved} fragments became ${done.compaction.fragmentsAdded}`)
  if (unindexed > 0) said.push(`${unindexed} rows were taken into the indices`)
  if (done.prune.oldVersionsRemoved > 0)
    said.push(`${done.prune.oldVersionsRemoved} old versions (${done.prune.bytesRemoved} bytes) were removed`)
  return said
}

async function unindexedRows(table: lancedb.Table): Promise<number> {
  let most = 0
  for (const { name, columns } of await table.listIndices()) {
    if (columns.includes(vectorColumn)) continue
    most = Math.max(most, (await table.indexStats(name))?.numUnindexedRows ?? 0)
  }
  return most
}

export async function hasVectorIndex(table: lancedb.Table): Promise<boolean> {
  return (await table.listIndices()).some(index => index.columns.includes(vectorColumn))
}

/** Whether an index over the vectors would pay now: never below the minimum, then at every growth by half. */
export async function vectorIndexPays(table: lancedb.Table, rowsMin: number): Promise<boolean> {
  const rows = await table.countRows()
  if (rows < rowsMin) return false
  const index = (await table.listIndices()).find(one => one.columns.includes(vectorColumn))
  if (index === undefined) return true
  const stats = await table.indexStats(index.name)
  return stats !== undefined && rows >= growthBeforeRebuild * Math.max(1, stats.numIndexedRows)
}

/** One thread of LanceDB's works at each core until it is done: 55 s at 100 000 rows were measured. */
export async function buildVectorIndex(table: lancedb.Table): Promise<void> {
  await table.createIndex(vectorColumn, { config: lancedb.Index.hnswSq({ distanceType: "cosine" }), replace: true })
}
