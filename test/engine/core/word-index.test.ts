import { describe, expect, it } from "vitest"
import { createWordIndex, fusedScore, sharedWords, stemOf, wordsWeight } from "../../../electron/engine/core/word-index.ts"

const best = (index: ReturnType<typeof createWordIndex>, question: string) =>
  [...index.scores(question)].sort((left, right) => right[1] - left[1]).map(([id]) => id)

describe("ranking by words", () => {
  const index = createWordIndex()
  const texts = [
    "count the vowels of a word",
    "count the words of a text",
    "sort numbers in descending order",
    "the sum of squares of odd numbers"
  ]
  for (const [id, text] of texts.entries()) index.add(id, text)

  it.each([
    ["counting vowels", [0, 1]],
    ["squared", [3]],
    ["how is a number sorted", [2, 3]],
    ["the of a", []],
    ["zebra", []],
    ["", []],
    ["!?", []]
  ])("%s", (question, expected) => expect(best(index, question)).toEqual(expected))

  it("gives rarer words more weight", () => {
    const scores = index.scores("count squares")
    expect(scores.get(3)).toBeGreaterThan(scores.get(0)!)
  })

  it("forgets what is removed", () => {
    const changing = createWordIndex()
    changing.add(1, "one text")
    changing.add(2, "another text")
    changing.remove(1, "one text")
    expect([best(changing, "one text"), changing.size]).toEqual([[2], 1])
  })
})

it.each([
  ["sorted", "sorting"],
  ["numbers", "number"],
  ["reversed", "reverse"],
  ["squares", "square"],
  ["cities", "city"],
  ["filtering", "filter"],
  ["running", "run"],
  ["alternately", "alternate"]
])("%s and %s share a stem", (left, right) => expect(stemOf(left)).toBe(stemOf(right)))

it.each(["is", "gas", "less", "日本語", "αβγδ", "x1"])("%s keeps its letters", word => expect(stemOf(word)).toBe(word))

it("names each shared word once, in the text's own form", () => {
  expect(sharedWords("Sort the sorted numbers of a list", "sorting a number of things")).toEqual(["sort", "numbers"])
})

it("adds the share of the best score to the cosine, and ranks by it alone where there is none", () => {
  expect(fusedScore(0.5, 2, 4)).toBeCloseTo(0.5 + wordsWeight / 2)
  expect(fusedScore(null, 2, 4)).toBe(0.5)
  expect(fusedScore(0.5, 0, 0)).toBe(0.5)
})
