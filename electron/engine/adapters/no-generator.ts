/** The Generator of a host that has none: every Task the cache does not know stays unanswered. */
import type { Generator } from "../ports.ts"

export function noGenerator(): Generator {
  return { name: "no generator", generate: async () => null }
}
