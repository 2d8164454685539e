/** All Mappings newest first, a page at a time, and those that wait for a reviewer. */
import type { AnswerOf, ParsedOf } from "../../shared/engine-contract.ts"
import type { OpenStore } from "./open-store.ts"
import { rowOf } from "./rows.ts"
import { inSlices, mappingsIn } from "./verdict-sweep.ts"

const pageDefault = 100

export async function list(input: ParsedOf<"list">, store: OpenStore): Promise<AnswerOf<"list">> {
  const cursor = input.cursor ?? 0
  const limit = input.limit ?? pageDefault
  const newestFirst = [...store.trust.mappings()].reverse()
  const all = input.verdict === undefined ? newestFirst : await mappingsIn(input.verdict, newestFirst, store)
  const next = cursor + limit
  return {
    rows: await inSlices(all.slice(cursor, next), mapping => rowOf(mapping, store), store),
    total: all.length,
    next: next < all.length ? next : null
  }
}

/** Pending Mappings, oldest first. */
export async function review(input: ParsedOf<"review">, store: OpenStore): Promise<AnswerOf<"review">> {
  const pending = await mappingsIn("pending", store.trust.mappings(), store)
  return { rows: await inSlices(pending.slice(0, input.limit ?? pageDefault), mapping => rowOf(mapping, store), store) }
}
