/** Where two wordings that a sentence model takes for one mean different things: another number, a negation, an opposite, another order. */

/** Words that may not stand for each other. */
const opposites = (
  "largest smallest, biggest smallest, greatest smallest, greatest least, largest least, maximum minimum, max min, " +
  "maximal minimal, longest shortest, longer shorter, highest lowest, higher lower, highest smallest, larger smaller, " +
  "greater smaller, greater less, greater lesser, more less, more fewer, most least, most fewest, above below, over under, " +
  "before after, first last, first second, begin end, start end, starts ends, beginning end, left right, leftmost rightmost, " +
  "leading trailing, prefix suffix, even odd, positive negative, ascending descending, increasing decreasing, " +
  "increase decrease, increment decrement, upper lower, uppercase lowercase, capital small, vowels consonants, " +
  "vowel consonant, add subtract, sum difference, sum product, add multiply, multiply divide, quotient remainder, " +
  "encode decode, encrypt decrypt, compress decompress, all any, every any, every some, all some, all none, any none, " +
  "keep remove, keep drop, take drop, include exclude, included excluded, including excluding, inclusive exclusive, " +
  "with without, inside outside, equal different, same different, true false, yes no, row column, rows columns, " +
  "union intersection, minutes hours, minutes seconds, hours seconds, days months, days years, months years, area perimeter, " +
  "square cube, mean median, average median, maximum average, minimum average, new old, newest oldest, earliest latest, " +
  "earlier later, numerator denominator, sine cosine, double halve, twice half, floor ceiling, up down, forward backward, " +
  "forwards backwards, clockwise counterclockwise, open close, opening closing, lock unlock, push pop, binary hexadecimal, " +
  "binary decimal, decimal hexadecimal, prime composite, rise fall, rising falling, top bottom, width height, " +
  "rational irrational, sorted unsorted, unique duplicate"
)
  .split(", ")
  .map(pair => pair.split(" ") as [string, string])

const numbers = new Map(
  "zero one two three four five six seven eight nine ten eleven twelve".split(" ").map((word, value) => [word, String(value)] as const)
)
const negations = new Set([
  "not",
  "no",
  "non",
  "never",
  "neither",
  "nor",
  "none",
  "without",
  "except",
  "cannot",
  "isnt",
  "dont",
  "doesnt",
  "arent"
])
/** May stand or be missing without another meaning. */
const loose = new Set("a an the please of in to that which it its is are be and then given return returns".split(" "))

/**
 * Null where nothing speaks against the two being one task; else what differs, as a phrase. Made for texts that are nearly the same: of
 * texts in quite different words it says little. Errs towards a difference, for a Miss costs less than a wrong Hit.
 */
export function contrastOf(left: string, right: string): string | null {
  const one = tokensOf(left)
  const other = tokensOf(right)
  const leftOnly = without(one, other)
  const rightOnly = without(other, one)
  const numeral = [...leftOnly, ...rightOnly].find(word => /^[^\p{L}]/u.test(word))
  if (numeral !== undefined) return `${/^[0-9]/u.test(numeral) ? "the number" : "the sign"} ${numeral} stands in one of them alone`
  const negation = [...leftOnly, ...rightOnly].find(word => negations.has(word))
  if (negation !== undefined) return `"${negation}" stands in one of them alone`
  for (const [first, second] of opposites) {
    if (leftOnly.includes(first) && rightOnly.includes(second)) return `one says "${first}", the other "${second}"`
    if (leftOnly.includes(second) && rightOnly.includes(first)) return `one says "${second}", the other "${first}"`
  }
  // The order tells only where the words are the same: "from A to B" and "from B to A".
  const told = one.filter(word => !loose.has(word))
  const asked = other.filter(word => !loose.has(word))
  if ([...leftOnly, ...rightOnly].some(word => !loose.has(word))) return null
  const at = told.findIndex((word, index) => word !== asked[index])
  return at >= 0 ? `the words stand in another order, from "${told[at]}" and "${asked[at]}" on` : null
}

/** Lower case, number words as digits, signs that calculate kept. */
function tokensOf(text: string): string[] {
  const words =
    text
      .toLowerCase()
      .replace(/['’]/gu, "")
      .match(/\p{L}+|[0-9]+(?:\.[0-9]+)?|[<>=+*/%^]/gu) ?? []
  return words.map(word => numbers.get(word) ?? word)
}

/** Of a bag of words those that the other bag has fewer of. */
function without(words: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>()
  for (const word of others) left.set(word, (left.get(word) ?? 0) + 1)
  return words.filter(word => {
    const count = left.get(word) ?? 0
    left.set(word, count - 1)
    return count <= 0
  })
}
