/** All Mappings newest first, a page at a time, and those that wait for a reviewer. */
import type { AnswerOf, ParsedOf } from "../../shared/engine-contract.ts"
import type { OpenStore } from "./open-store.ts"
import { rowOf } from "./rows.ts"

const pageDefault = 100

export async function list(input: ParsedOf<"list">, store: OpenStore): Promise<AnswerOf<"list">> {
  const cursor = input.cursor ?? 0
  const limit = input.limit ?? pageDefault
  const newestFirst = [...store.trust.mappings()].reverse()
  const all =
    input.verdict === undefined ? newestFirst : newestFirst.filter(mapping => store.trust.cachedVerdict(mapping).state === input.verdict)
  const next = cursor + limit
  return { rows: all.slice(cursor, next).map(mapping => rowOf(mapping, store)), total: all.length, next: next < all.length ? next : null }
}

/** Pending Mappings, oldest first. */
export async function review(input: ParsedOf<"review">, store: OpenStore): Promise<AnswerOf<"review">> {
  const pending = store.trust.mappings().filter(mapping => store.trust.cachedVerdict(mapping).state === "pending")
  return { rows: pending.slice(0, input.limit ?? pageDefault).map(mapping => rowOf(mapping, store)) }
}
