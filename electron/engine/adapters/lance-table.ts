/** The two LanceDB tables, inside the index process: rows merged from Ledger changes, and the questions asked of them. */
import fs from "node:fs"
import path from "node:path"
import * as lancedb from "@lancedb/lancedb"
import { Field, FixedSizeList, Float32, Int64, Schema, Timestamp, TimeUnit, Utf8 } from "apache-arrow"
import type { Digest, InterfaceHash } from "../../../shared/digest.ts"
import type { ModuleRecord } from "../../../shared/module.ts"
import { cosine, isNear } from "../core/ranking.ts"
import type { Neighbour } from "../ports.ts"
import { quarantine, syncDirectory } from "./disk.ts"
import type { LanceCalls, SequencedChange } from "./lance-protocol.ts"
import { buildVectorIndex, compact, ensureIndices, hasVectorIndex, vectorIndexPays, vectorIndexRowsMin } from "./lance-tending.ts"

const modulesTable = "rtfs_modules"
const usageTable = "usage"
/** Caches of one Session, bytes; the defaults are 6 GiB and 1 GiB. */
const indexCacheBytes = 256n << 20n
const metadataCacheBytes = 64n << 20n
/** Merges, or rows, after which it is looked whether compaction pays. */
const mergesBeforeLook = 7
const rowsBeforeLook = 1_000
/** Quiet before a vector index is built: a command that asks one question and ends would only throw it away. */
const quietMs = 5_000
/** Names in one `IN (…)`. */
const namesMax = 500
/** Search width and exact re-ranking of what a vector index found (storage page, section 3). */
const searchWidth = 100
const refinement = 4
const writeTriesMax = 3
/** Words and vector each bring this many times what is asked for into the fused list. */
const fusionBreadth = 4
const verdictWords = { trusted: "Verified", pending: "Pending", untrusted: "Refused" } as const

/** A row as LanceDB hands it out: big integers, and a vector that must be copied out of Arrow's memory. */
interface Row {
  readonly id: Digest
  readonly semantic_embedding: { toArray(): Float32Array } | null
  readonly interface_hash: InterfaceHash
  readonly storage_pointer: Digest
  readonly validation_status: string
  readonly signature: string
  readonly creation_timestamp: number
  readonly last_used_timestamp: number | null
  readonly task_text: string
  readonly type_text: string
  readonly language_version: string
  readonly embedding_model: string
  readonly size_bytes: bigint
  readonly fuel_profile: bigint
  readonly ledger_sequence: bigint
  readonly applied_sequence: bigint
}

/** A row on its way in: the record and the columns an index keeps beside it. */
interface Written {
  readonly record: ModuleRecord
  readonly status: string
  readonly lastUsedMs: number | null
  readonly applied: number
}

export interface LanceTableOptions {
  readonly vectorIndexRowsMin?: number
  readonly quietMs?: number
  /** How old a version is when it is dropped. */
  readonly keptVersionsMs?: number
}

export interface LanceTable extends LanceCalls {
  /** Something is built beside the questions: the process is not idle. */
  isBuilding(): boolean
}

export function createLanceTable(options: LanceTableOptions = {}): LanceTable {
  let opened: {
    readonly connection: lancedb.Connection
    readonly directory: string
    readonly schema: Schema
    modules: lancedb.Table
    usage: lancedb.Table
  } | null = null
  let last: Promise<unknown> = Promise.resolve()
  let merges = 0
  let rowsMerged = 0
  let indexed = false
  let quick = false
  let building = false
  let quiet: NodeJS.Timeout | null = null
  const synced = new Set<string>()

  const tables = () => {
    if (opened === null) throw new Error("the index is not open")
    return opened
  }
  const modules = () => tables().modules

  /** Writes take turns: LanceDB would otherwise answer one of two with a conflict. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = last.then(() => retried(work))
    last = turn.catch(() => undefined)
    return turn
  }

  return {
    async open(directory, dimensions, quarantineDirectory, readOnly = false) {
      fs.mkdirSync(directory, { recursive: true })
      const session = new lancedb.Session(indexCacheBytes, metadataCacheBytes)
      // 0: every read looks for newer versions; unset, a handle never sees rows of another process.
      const connection = await lancedb.connect(directory, { readConsistencyInterval: 0 }, session)
      const schema = modulesSchema(dimensions)
      const repaired: string[] = []
      opened = {
        connection,
        directory,
        schema,
        modules: readOnly
          ? await connection.openTable(modulesTable)
          : await openOrRepair(connection, directory, modulesTable, schema, quarantineDirectory, repaired),
        usage: readOnly
          ? await connection.openTable(usageTable)
          : await openOrRepair(connection, directory, usageTable, usageSchema, quarantineDirectory, repaired)
      }
      for (const file of filesBelow(directory)) synced.add(file)
      indexed = readOnly ? (await modules().listIndices()).length > 0 : await ensureIndices(modules())
      quick = await hasVectorIndex(modules())
      const [newest] = (await modules()
        .query()
        .orderBy({ columnName: "applied_sequence", ascending: false, nullsFirst: false })
        .limit(1)
        .toArray()) as Row[]
      return { applied: newest === undefined ? -1 : Number(newest.applied_sequence), repaired }
    },

    apply: changes => inTurn(() => apply(changes)),

    async byText(hash, text) {
      return newestFirst(await rowsWhere(`interface_hash = ${literal(hash)} AND task_text = ${literal(text)}`))
    },

    async nearest(hash, vector, similarityMin, limit) {
      const within = `interface_hash = ${literal(hash)}`
      // A Lookup's answer is exact: no vector index, which may miss a neighbour.
      const rows = await vectorRows(vector, limit, within)
      const near = rows.map(row => neighbourOf(row, vector)).sort((left, right) => right.similarity - left.similarity)
      return {
        neighbours: near.filter(({ similarity }) => isNear(similarity, similarityMin)),
        best: near[0]?.similarity ?? null,
        known: near.length > 0 || (await modules().countRows(within)) > 0
      }
    },

    async search(words, vector, limit) {
      const byWords = await wordRows(words, limit * fusionBreadth)
      const byVector = vector === null ? [] : await vectorRows(vector, limit * fusionBreadth)
      return fused([byWords, byVector], limit).map(row => neighbourOf(row, vector))
    },

    async byMapping(mapping) {
      const [row] = await rowsWhere(`id = ${literal(mapping)}`)
      return row === undefined ? null : recordOf(row)
    },

    async byModule(module) {
      return newestFirst(await rowsWhere(`storage_pointer = ${literal(module)}`))
    },

    async page(cursor, limit) {
      const rows = await modules()
        .query()
        .orderBy({ columnName: "ledger_sequence", ascending: false, nullsFirst: false })
        .offset(cursor)
        .limit(limit)
        .toArray()
      return { records: newestFirst(rows as Row[]), total: await modules().countRows() }
    },

    async withPrefix(hex, limit) {
      const found = new Set<Digest>()
      for (const column of ["id", "storage_pointer"] as const) {
        // Every hex digit sorts before "g", so the range is the prefix.
        const range = `${column} >= ${literal(`sha256:${hex}`)} AND ${column} < ${literal(`sha256:${hex}g`)}`
        const rows = (await modules()
          .query()
          .where(range)
          .select([column])
          .limit(limit * 64)
          .toArray()) as Row[]
        for (const row of rows) found.add(row[column])
      }
      return [...found].sort().slice(0, limit)
    },

    noteVerdicts: verdicts =>
      inTurn(async () => {
        for (const state of ["trusted", "pending", "untrusted"] as const) {
          const ids = verdicts.filter(one => one.state === state).map(one => one.mapping)
          const status = verdictWords[state]
          for (let at = 0; at < ids.length; at += namesMax)
            await modules().update({
              where: `id IN (${ids
                .slice(at, at + namesMax)
                .map(literal)
                .join(", ")}) AND validation_status != ${literal(status)}`,
              values: { validation_status: status }
            })
        }
        syncNewFiles()
      }),

    noteUsage: rows =>
      inTurn(async () => {
        if (rows.length === 0) return
        const data = rows.map(row => ({ id: row.mapping, hits: BigInt(row.hits), last_used: row.lastUsedMs, saved_ms: 0n }))
        await tables()
          .usage.mergeInsert("id")
          .whenMatchedUpdateAll()
          .whenNotMatchedInsertAll()
          .execute(lancedb.makeArrowTable(data, { schema: usageSchema }))
        syncNewFiles()
      }),

    async usageRows() {
      const rows = (await tables().usage.query().toArray()) as { id: Digest; hits: bigint; last_used: number }[]
      return rows.map(row => ({ mapping: row.id, hits: Number(row.hits), lastUsedMs: Number(row.last_used) }))
    },

    maintain: lastUsed =>
      inTurn(async () => {
        const said = await refreshLastUsed(lastUsed)
        for (const [name, table] of [
          [modulesTable, modules()],
          [usageTable, tables().usage]
        ] as const)
          said.push(...(await compact(table, true, options.keptVersionsMs)).map(what => `${name}: ${what}`))
        syncNewFiles()
        buildWhenQuiet()
        return said
      }),

    async shape() {
      const indices = []
      for (const { name, columns, indexType } of await modules().listIndices())
        indices.push({ column: columns.join(), type: indexType, unindexed: (await modules().indexStats(name))?.numUnindexedRows ?? 0 })
      const { numRows, fragmentStats } = await modules().stats()
      return { rows: numRows, fragments: fragmentStats.numFragments, versions: (await modules().listVersions()).length, indices }
    },

    drop: () =>
      inTurn(async () => {
        const { connection, schema } = tables()
        for (const name of [modulesTable, usageTable]) await connection.dropTable(name)
        indexed = false
        quick = false
        merges = 0
        const fresh = {
          modules: await createTable(connection, modulesTable, schema),
          usage: await createTable(connection, usageTable, usageSchema)
        }
        if (opened !== null) Object.assign(opened, fresh)
      }),

    isBuilding: () => building,

    async close() {
      if (quiet !== null) clearTimeout(quiet)
      await last
      opened?.modules.close()
      opened?.usage.close()
      opened?.connection.close()
      opened = null
    }
  }

  async function apply(changes: readonly SequencedChange[]): Promise<void> {
    const rows = await rowsOf(changes.map(({ change }) => (change.kind === "put" ? change.record.mapping : change.mapping)))
    const evicted = new Set<Digest>()
    for (const { sequence, change } of changes) {
      const mapping = change.kind === "put" ? change.record.mapping : change.mapping
      const before = rows.get(mapping)
      if (change.kind === "evict") {
        rows.delete(mapping)
        evicted.add(mapping)
      } else if (change.kind === "put") rows.set(mapping, merged(before, change.record, sequence))
      else if (before !== undefined)
        rows.set(mapping, {
          ...before,
          record: { ...before.record, embedding: change.vector, embeddingModel: change.model },
          applied: sequence
        })
    }
    const gone = [...evicted].filter(mapping => !rows.has(mapping))
    if (gone.length > 0) await modules().delete(`id IN (${gone.map(literal).join(", ")})`)
    if (rows.size > 0) {
      const data = lancedb.makeArrowTable([...rows.values()].map(columnsOf), { schema: tables().schema })
      await modules().mergeInsert("id").whenMatchedUpdateAll().whenNotMatchedInsertAll().execute(data)
    }
    rowsMerged += rows.size
    await tend()
    syncNewFiles()
  }

  /** When each was used last, for those whose row says otherwise. */
  async function refreshLastUsed(lastUsed: readonly { readonly mapping: Digest; readonly lastUsedMs: number }[]): Promise<string[]> {
    const times = new Map(lastUsed.map(one => [one.mapping, one.lastUsedMs]))
    const changed: Written[] = []
    const names = [...times.keys()]
    for (let at = 0; at < names.length; at += namesMax)
      for (const [mapping, row] of await rowsOf(names.slice(at, at + namesMax))) {
        const lastUsedMs = times.get(mapping) ?? null
        if (row.lastUsedMs !== lastUsedMs) changed.push({ ...row, lastUsedMs })
      }
    if (changed.length === 0) return []
    const data = lancedb.makeArrowTable(changed.map(columnsOf), { schema: tables().schema })
    await modules().mergeInsert("id").whenMatchedUpdateAll().execute(data)
    return [`${modulesTable}: ${changed.length} rows say when they were used last`]
  }

  async function rowsOf(mappings: readonly Digest[]): Promise<Map<Digest, Written>> {
    const rows = await rowsWhere(`id IN (${[...new Set(mappings)].map(literal).join(", ")})`)
    return new Map(
      rows.map(row => [
        row.id,
        { record: recordOf(row), status: row.validation_status, lastUsedMs: row.last_used_timestamp, applied: Number(row.applied_sequence) }
      ])
    )
  }

  /** Indices once rows exist, and compaction after many small merges or many rows. */
  async function tend(): Promise<void> {
    indexed ||= await ensureIndices(modules())
    buildWhenQuiet()
    if (++merges < mergesBeforeLook && rowsMerged < rowsBeforeLook) return
    merges = 0
    rowsMerged = 0
    await compact(modules(), false)
  }

  /** Beside the questions, not in their turn: it takes long, and until it is there every vector is compared. */
  function buildWhenQuiet(): void {
    if (building) return
    if (quiet !== null) clearTimeout(quiet)
    quiet = setTimeout(() => {
      quiet = null
      building = true
      buildIfItPays()
        .catch(() => undefined)
        .finally(() => {
          building = false
        })
    }, options.quietMs ?? quietMs)
    quiet.unref()
  }

  async function buildIfItPays(): Promise<void> {
    if (opened === null || !(await vectorIndexPays(modules(), options.vectorIndexRowsMin ?? vectorIndexRowsMin))) return
    const { modules: table } = tables()
    await retried(() => buildVectorIndex(table))
    if (opened?.modules !== table) return
    quick = true
    syncNewFiles()
  }

  /** LanceDB itself syncs nothing; only files that are new since the last time are touched. */
  function syncNewFiles(): void {
    const changed = new Set<string>()
    for (const file of filesBelow(tables().directory)) {
      if (synced.has(file)) continue
      synced.add(file)
      changed.add(path.dirname(file))
      try {
        const handle = fs.openSync(file, "r")
        fs.fsyncSync(handle)
        fs.closeSync(handle)
      } catch {
        // Compaction may have removed it meanwhile; what is derived can be rebuilt.
      }
    }
    for (const directory of changed) syncDirectory(directory)
  }

  async function rowsWhere(predicate: string): Promise<Row[]> {
    return (await modules().query().where(predicate).toArray()) as Row[]
  }

  async function vectorRows(vector: Float32Array, limit: number, within?: string): Promise<Row[]> {
    const all = modules().query().nearestTo(vector).column("semantic_embedding").distanceType("cosine").limit(limit)
    const query =
      within === undefined && quick ? all.ef(Math.max(searchWidth, limit * refinement)).refineFactor(refinement) : all.bypassVectorIndex()
    const rows = (await (within === undefined ? query : query.where(within)).toArray()) as Row[]
    return rows.filter(row => row.semantic_embedding !== null)
  }

  async function wordRows(words: string, limit: number): Promise<Row[]> {
    if (!indexed || !/[\p{L}\p{N}]/u.test(words)) return []
    const query = new lancedb.MultiMatchQuery(words, ["task_text", "type_text"])
    return (await modules().query().fullTextSearch(query).limit(limit).toArray()) as Row[]
  }
}

/** Publishing a claim again only adds Attestations: its row keeps its place and takes a vector it lacked. */
function merged(before: Written | undefined, record: ModuleRecord, applied: number): Written {
  if (before === undefined) return { record, status: verdictWords.pending, lastUsedMs: null, applied }
  const takes = before.record.embedding === null && record.embedding !== null
  return {
    ...before,
    record: takes ? { ...before.record, embedding: record.embedding, embeddingModel: record.embeddingModel } : before.record,
    applied: Math.max(before.applied, applied)
  }
}

async function openOrRepair(
  connection: lancedb.Connection,
  directory: string,
  name: string,
  schema: Schema,
  aside: string,
  repaired: string[]
): Promise<lancedb.Table> {
  if (!(await connection.tableNames()).includes(name)) return createTable(connection, name, schema)
  const versions = path.join(directory, `${name}.lance`, "_versions")
  for (const file of manifestsOf(versions))
    if (fs.statSync(file).size === 0) moveAside(file, aside, "it was empty, as a power failure leaves it", repaired)
  // The newest manifest may be cut without being empty: at most one commit is taken back that way.
  for (const attempt of [1, 2]) {
    try {
      const table = await connection.openTable(name)
      await table.query().limit(1).toArray()
      if ((await table.schema()).fields.map(field => field.name).join() !== schema.fields.map(field => field.name).join()) break
      return table
    } catch {
      const [newest] = manifestsOf(versions)
      if (attempt === 1 && newest !== undefined) moveAside(newest, aside, "the table did not open with it", repaired)
    }
  }
  fs.rmSync(path.join(directory, `${name}.lance`), { recursive: true, force: true })
  repaired.push(`the table ${name} could not be opened and is rebuilt from the ledger`)
  return createTable(connection, name, schema)
}

async function createTable(connection: lancedb.Connection, name: string, schema: Schema): Promise<lancedb.Table> {
  const table = await connection.createEmptyTable(name, schema, { mode: "overwrite" })
  // Without it two concurrent merges both insert.
  await table.setUnenforcedPrimaryKey("id")
  return table
}

/** Newest first. */
function manifestsOf(versions: string): string[] {
  if (!fs.existsSync(versions)) return []
  const files = fs.readdirSync(versions).filter(name => name.endsWith(".manifest"))
  const timed = files.map(name => ({ file: path.join(versions, name), at: fs.statSync(path.join(versions, name)).mtimeMs }))
  return timed.sort((left, right) => right.at - left.at).map(({ file }) => file)
}

function moveAside(manifest: string, aside: string, why: string, repaired: string[]): void {
  quarantine(aside, path.basename(manifest), fs.readFileSync(manifest), `${manifest}: ${why}`)
  fs.rmSync(manifest)
  repaired.push(`the manifest ${path.basename(manifest)} was moved aside: ${why}`)
}

function filesBelow(directory: string): string[] {
  const entries = fs.readdirSync(directory, { withFileTypes: true, recursive: true })
  return entries.filter(entry => entry.isFile()).map(entry => path.join(entry.parentPath, entry.name))
}

async function retried<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (attempt === writeTriesMax || !/conflict/i.test(String(error))) throw error
    }
  }
}

/** Best by the sum of reciprocal ranks over the lists. */
function fused(lists: readonly (readonly Row[])[], limit: number): Row[] {
  const scores = new Map<Digest, { readonly row: Row; score: number }>()
  for (const list of lists) {
    for (const [rank, row] of list.entries()) {
      const entry = scores.get(row.id) ?? { row, score: 0 }
      entry.score += 1 / (60 + rank)
      scores.set(row.id, entry)
    }
  }
  const ranked = [...scores.values()].sort((left, right) => right.score - left.score)
  return ranked.slice(0, limit).map(({ row }) => row)
}

function neighbourOf(row: Row, vector: Float32Array | null): Neighbour {
  const record = recordOf(row)
  return { record, similarity: vector === null || record.embedding === null ? 0 : cosine(record.embedding, vector) }
}

function newestFirst(rows: readonly Row[]): ModuleRecord[] {
  return rows.map(recordOf).sort((left, right) => right.ledgerSequence - left.ledgerSequence)
}

function recordOf(row: Row): ModuleRecord {
  return {
    mapping: row.id,
    module: row.storage_pointer,
    interfaceHash: row.interface_hash,
    typeText: row.type_text,
    taskText: row.task_text,
    languageVersion: row.language_version,
    sizeBytes: Number(row.size_bytes),
    fuelProfile: Number(row.fuel_profile),
    embedding: row.semantic_embedding === null ? null : Float32Array.from(row.semantic_embedding.toArray()),
    embeddingModel: row.embedding_model,
    signature: row.signature,
    createdMs: Number(row.creation_timestamp),
    ledgerSequence: Number(row.ledger_sequence)
  }
}

function columnsOf({ record, status, lastUsedMs, applied }: Written): Record<string, unknown> {
  return {
    id: record.mapping,
    semantic_embedding: record.embedding === null ? null : Array.from(record.embedding),
    interface_hash: record.interfaceHash,
    storage_pointer: record.module,
    validation_status: status,
    signature: record.signature,
    creation_timestamp: record.createdMs,
    last_used_timestamp: lastUsedMs,
    task_text: record.taskText,
    type_text: record.typeText,
    language_version: record.languageVersion,
    embedding_model: record.embeddingModel,
    size_bytes: BigInt(record.sizeBytes),
    fuel_profile: BigInt(Math.round(record.fuelProfile)),
    ledger_sequence: BigInt(record.ledgerSequence),
    applied_sequence: BigInt(applied)
  }
}

/** A text as SQL writes it: only the quote is special, and it is doubled. */
function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

function modulesSchema(dimensions: number): Schema {
  const text = (name: string) => new Field(name, new Utf8(), false)
  const integer = (name: string) => new Field(name, new Int64(), false)
  return new Schema([
    text("id"),
    new Field("semantic_embedding", new FixedSizeList(dimensions, new Field("item", new Float32(), true)), true),
    text("interface_hash"),
    text("storage_pointer"),
    text("validation_status"),
    text("signature"),
    new Field("creation_timestamp", new Timestamp(TimeUnit.MILLISECOND, "UTC"), false),
    new Field("last_used_timestamp", new Timestamp(TimeUnit.MILLISECOND, "UTC"), true),
    text("task_text"),
    text("type_text"),
    text("language_version"),
    text("embedding_model"),
    integer("size_bytes"),
    integer("fuel_profile"),
    integer("ledger_sequence"),
    integer("applied_sequence")
  ])
}

const usageSchema = new Schema([
  new Field("id", new Utf8(), false),
  new Field("hits", new Int64(), false),
  new Field("last_used", new Timestamp(TimeUnit.MILLISECOND, "UTC"), false),
  new Field("saved_ms", new Int64(), false)
])
