/** Ranking by words in memory: which texts share how many of the rarer words of a question (BM25 over stems), and how that joins with nearness. */

/** Saturation of repeated words, and how much long texts are held back: the usual values. */
const saturation = 1.2
const lengthWeight = 0.75
/** Stems of one question that are looked up; a question of 4,096 bytes may hold a thousand. */
const askedMax = 128

/**
 * Weight of the best match by words against a cosine of 1. Vectors decide, words settle what vectors hold for alike; chosen on the even-numbered
 * tasks of two rewording sets, where 0.3, 0.5 and 0.7 answered equally well.
 */
export const wordsWeight = 0.3

export interface WordIndex {
  /** Texts in it. */
  readonly size: number
  /** `id` is the caller's: a small integer, each once. */
  add(id: number, text: string): void
  remove(id: number, text: string): void
  /** Score above 0 of every text that shares a stem with the question. */
  scores(question: string): ReadonlyMap<number, number>
}

export function createWordIndex(): WordIndex {
  /** For each stem the texts that hold it and how often. */
  const postings = new Map<string, Map<number, number>>()
  const lengths = new Map<number, number>()
  let total = 0
  return {
    get size() {
      return lengths.size
    },
    add(id, text) {
      const stems = stemsOf(text)
      lengths.set(id, stems.length)
      total += stems.length
      for (const stem of stems) {
        let texts = postings.get(stem)
        if (texts === undefined) {
          texts = new Map()
          postings.set(stem, texts)
        }
        texts.set(id, (texts.get(id) ?? 0) + 1)
      }
    },
    remove(id, text) {
      total -= lengths.get(id) ?? 0
      lengths.delete(id)
      for (const stem of new Set(stemsOf(text))) {
        const texts = postings.get(stem)
        texts?.delete(id)
        if (texts?.size === 0) postings.delete(stem)
      }
    },
    scores(question) {
      const scores = new Map<number, number>()
      const mean = Math.max(1, total / Math.max(1, lengths.size))
      for (const stem of [...new Set(stemsOf(question))].slice(0, askedMax)) {
        const texts = postings.get(stem)
        if (texts === undefined) continue
        const rarity = Math.log(1 + (lengths.size - texts.size + 0.5) / (texts.size + 0.5))
        for (const [id, often] of texts) {
          const damped = often + saturation * (1 - lengthWeight + (lengthWeight * (lengths.get(id) ?? 0)) / mean)
          scores.set(id, (scores.get(id) ?? 0) + (rarity * often * (saturation + 1)) / damped)
        }
      }
      return scores
    }
  }
}

/** One number to rank by: the cosine where there is one, and the share of the best score by words. */
export function fusedScore(similarity: number | null, words: number, wordsBest: number): number {
  const share = wordsBest <= 0 ? 0 : words / wordsBest
  return similarity === null ? share : similarity + wordsWeight * share
}

/** Words that two texts share, as the first has them, each stem once, without those that say nothing. */
export function sharedWords(text: string, question: string): string[] {
  const asked = new Set(stemsOf(question))
  const shared = new Map<string, string>()
  for (const word of wordsOf(text)) {
    const stem = stemOf(word)
    if (!isFiller(word) && asked.has(stem) && !shared.has(stem)) shared.set(stem, word)
  }
  return [...shared.values()]
}

function stemsOf(text: string): string[] {
  return wordsOf(text)
    .filter(word => !isFiller(word))
    .map(stemOf)
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
}

const fillers: ReadonlySet<string> = new Set(
  "a an the of to in is are be by for and or as at on with from that this these those it its if then else which who will you your".split(
    " "
  )
)

function isFiller(word: string): boolean {
  return fillers.has(word)
}

/** Endings of English, the longer ones first: what replaces each, and how many letters must stay. */
const endings: readonly (readonly [ending: string, replacement: string, staysMin: number])[] = [
  ["ization", "ize", 4],
  ["ations", "ate", 3],
  ["ements", "ement", 4],
  ["ation", "ate", 3],
  ["ators", "ate", 3],
  ["ities", "ity", 3],
  ["ically", "ic", 3],
  ["ingly", "", 4],
  ["ings", "", 3],
  ["ator", "ate", 3],
  ["edly", "", 4],
  ["sses", "ss", 2],
  ["ing", "", 3],
  ["ied", "y", 2],
  ["ies", "y", 2],
  ["est", "", 4],
  ["ed", "", 3],
  ["es", "", 3],
  ["ly", "", 3],
  ["s", "", 3]
]

/** What the forms of an English word have in common, roughly; other words stay as they are but for a final s or e. */
export function stemOf(word: string): string {
  if (word.length < 4) return word
  const found = endings.find(
    ([ending, , staysMin]) => word.endsWith(ending) && word.length - ending.length >= staysMin && !(ending === "s" && word.endsWith("ss"))
  )
  if (found === undefined) return word.replace(/e$/, "")
  const [ending, replacement] = found
  const stem = word.slice(0, -ending.length) + replacement
  const single = /([b-df-hj-kmnp-rtv-y])\1$/.test(stem) ? stem.slice(0, -1) : stem
  return single.replace(/e$/, "").replace(/i$/, "y")
}
