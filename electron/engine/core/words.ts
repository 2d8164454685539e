/** How many words a request and a Mapping share: what a sentence model blurs (prefix or substring, even or odd) a shared word still tells. */

/** Words that say how a task is put, not which task it is. */
const idle = new Set(
  (
    "a an the of to in on is are be as at by it its for from with and or that which this these those if else given return returns function write " +
    "your you should will each all any there into than then when where how many takes take task input output value not no one"
  ).split(" ")
)

/** Letters kept of a word: `multiplies` and `multiplication` are one word then, for about one pair in a hundred wrongly. */
const stemLength = 6
const endings = ["ing", "ed", "es", "s", "ly"]

/** In how many of `texts` each word stands: a word that stands everywhere tells little. */
export interface WordWeights {
  readonly texts: number
  readonly found: Readonly<Record<string, number>>
}

/** The telling words of a text, cut to their stems; numbers stand for themselves. */
export function tellingWords(text: string): ReadonlySet<string> {
  const stems = new Set<string>()
  for (const word of text.toLowerCase().match(/\p{L}+|\p{N}+/gu) ?? []) if (!idle.has(word)) stems.add(stemOf(word))
  return stems
}

/**
 * How much of one text's words the other has, by weight, 0 to 1: of the text that is covered better, for a short request may ask for what a
 * Mapping describes at length.
 */
export function coverOf(left: ReadonlySet<string>, right: ReadonlySet<string>, weights: WordWeights): number {
  const sum = (words: Iterable<string>) => [...words].reduce((total, word) => total + weightOf(word, weights), 0)
  const smaller = Math.min(sum(left), sum(right))
  return smaller === 0 ? 0 : sum([...left].filter(word => right.has(word))) / smaller
}

export function weightsOf(texts: readonly string[]): WordWeights {
  const found: Record<string, number> = Object.create(null)
  for (const text of texts) for (const word of tellingWords(text)) found[word] = (found[word] ?? 0) + 1
  return { texts: texts.length, found }
}

function weightOf(word: string, { texts, found }: WordWeights): number {
  const standing = Object.hasOwn(found, word) ? (found[word] as number) : 0
  return Math.log((texts + 1) / (standing + 0.5))
}

function stemOf(word: string): string {
  const ending = endings.find(one => word.endsWith(one) && word.length - one.length >= 3)
  return (ending === undefined ? word : word.slice(0, -ending.length)).slice(0, stemLength)
}
