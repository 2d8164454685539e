/** The reference Layer: results of Tasks by their words, Interface and arguments, in memory. What L1 to L3 are is the embedding program's business. */
import type { Layer, LayerQuestion } from "../ports.ts"

/** Keeps the newest `entriesMax` results. */
export function createMemoryLayer(name: string, entriesMax = 10_000): Layer {
  const kept = new Map<string, string>()
  return {
    name,
    async ask(question) {
      const key = keyOf(question)
      if (key === null) return { answered: false, why: "it keeps results, and no arguments were given" }
      const value = kept.get(key)
      return value === undefined ? { answered: false, why: "no result of this Task for these arguments" } : { answered: true, value }
    },
    async keep(question, value) {
      const key = keyOf(question)
      if (key === null) return
      kept.delete(key)
      kept.set(key, value)
      if (kept.size > entriesMax) kept.delete(kept.keys().next().value as string)
    }
  }
}

function keyOf({ task, args }: LayerQuestion): string | null {
  return args === null ? null : JSON.stringify([task.interface.hash, task.text, args.trim()])
}
