/** A person exploring: Mappings ranked by words and meaning, narrowed by TYPE and Verdict, tried on Examples. */
import type { Digest } from "../../shared/digest.ts"
import type { AnswerOf, CallContext, ModuleRow, ParsedOf } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { TypeRequest } from "./core/interface.ts"
import { parseType } from "./core/interface.ts"
import { canonicalWords } from "./core/task.ts"
import { matchesType } from "./core/type-match.ts"
import type { OpenStore } from "./open-store.ts"
import { rowOf } from "./rows.ts"
import { parseArguments, parseResult, returned, runMapping } from "./run-module.ts"

const limitDefault = 20
/** Trusted rows that are run on the Examples, best first. */
const triedMax = 20
/** Examples are run with small limits: a slow Module is not what is looked for. */
const trialLimits = { fuelMax: 5_000_000, timeoutMs: 500 }

interface Found {
  readonly mapping: Digest
  readonly similarity: number | null
  readonly why: readonly string[]
}

export async function find(input: ParsedOf<"find">, store: OpenStore, context: CallContext = {}): Promise<AnswerOf<"find">> {
  const type = input.type === undefined ? null : demandType(input.type)
  const limit = input.limit ?? limitDefault
  const narrowed = type !== null || input.verdict !== undefined
  const found =
    input.words === undefined || input.words.trim() === "" ? everything(store) : await byWords(input.words, narrowed ? 200 : limit, store)
  const rows: ModuleRow[] = []
  for (const one of found) {
    if (rows.length === limit) break
    const claim = store.trust.claimOf(one.mapping)?.claim
    // A row of the index that the Ledger does not hold is not shown.
    if (claim === undefined || (type !== null && !matchesType(type, claim.interface.canonical))) continue
    if (input.verdict !== undefined && store.trust.cachedVerdict(one.mapping).state !== input.verdict) continue
    rows.push({
      ...rowOf(one.mapping, store),
      ...(one.similarity === null ? {} : { similarity: one.similarity }),
      why: [...one.why, ...(type === null ? [] : ["its Interface fits"])]
    })
  }
  return { rows: input.examples === undefined || input.examples.length === 0 ? rows : await tried(rows, input.examples, store, context) }
}

async function byWords(words: string, limit: number, store: OpenStore): Promise<Found[]> {
  const canonical = canonicalWords(words)
  if (canonical.kind === "malformed") throw new EngineFailure("wrong-usage", canonical.message)
  const vector = await vectorOf(canonical.text, store)
  const asked = new Set(wordsOf(canonical.text))
  const neighbours = await store.ports.index.search(canonical.text, vector, limit)
  return neighbours.map(({ record, similarity }) => {
    const shared = [...new Set(wordsOf(record.taskText))].filter(word => asked.has(word))
    const why = [
      ...(shared.length === 0 ? [] : [`shares the words ${shared.join(", ")}`]),
      ...(vector === null ? [] : [`similarity ${similarity.toFixed(2)}`])
    ]
    return { mapping: record.mapping, similarity: vector === null ? null : similarity, why }
  })
}

/** Newest first. */
function everything(store: OpenStore): Found[] {
  return store.trust
    .mappings()
    .toReversed()
    .map(mapping => ({ mapping, similarity: null, why: [] }))
}

async function vectorOf(text: string, store: OpenStore): Promise<Float32Array | null> {
  try {
    return (await store.ports.embedder.embed([text]))[0] ?? null
  } catch (error) {
    if (error instanceof EngineFailure && error.code === "model-unavailable") return null
    throw error
  }
}

function demandType(text: string): TypeRequest {
  const parsed = parseType(text, true)
  if (parsed.kind === "malformed")
    throw new EngineFailure("wrong-usage", `the type is malformed at character ${parsed.offset + 1}: ${parsed.message}`)
  return parsed
}

/** Those that answer more of the Examples first; only trusted Mappings are run. */
async function tried(
  rows: readonly ModuleRow[],
  examples: NonNullable<ParsedOf<"find">["examples"]>,
  store: OpenStore,
  context: CallContext
): Promise<ModuleRow[]> {
  const prepared = examples.map(example => ({ args: parseArguments(example.args), expected: parseResult(example.result) }))
  const scored: { row: ModuleRow; passed: number }[] = []
  for (const [at, row] of rows.entries()) {
    const claim = store.trust.claimOf(row.mapping)?.claim
    if (claim === undefined || row.verdict !== "trusted" || at >= triedMax) {
      scored.push({ row, passed: -1 })
      continue
    }
    let passed = 0
    for (const { args, expected } of prepared) {
      const outcome = await runMapping(claim, { args, limits: trialLimits, signal: context.signal }, store.ports)
      if (returned(outcome, expected)) passed++
    }
    scored.push({ row: { ...row, why: [...(row.why ?? []), `answers ${passed} of ${prepared.length} Examples`] }, passed })
  }
  return scored.sort((left, right) => right.passed - left.passed).map(({ row }) => row)
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
}
