import { expect, it } from "vitest"
import { cosine, inOrder, isNear } from "../../../electron/engine/core/ranking.ts"
import type { Digest } from "../../../shared/digest.ts"

interface Given {
  readonly name: string
  readonly similarity?: number
  readonly at?: number
  readonly trusted?: boolean
  readonly supersedes?: readonly string[]
  readonly realm?: string
}

const order = (...given: readonly Given[]) =>
  inOrder(
    given.map(({ name, similarity = 1, at = 0, trusted = true, supersedes = [], realm = "own" }) => ({
      mapping: name as Digest,
      similarity,
      ledgerSequence: at,
      trusted,
      supersedes: supersedes as readonly Digest[],
      realm
    }))
  ).map(one => one.mapping)

it.each<[string, readonly Given[], readonly string[]]>([
  [
    "the more similar first",
    [
      { name: "b", similarity: 0.99 },
      { name: "a", similarity: 0.995 }
    ],
    ["a", "b"]
  ],
  [
    "the newer first within one step of similarity",
    [
      { name: "old", similarity: 0.9950000001, at: 1 },
      { name: "new", similarity: 0.995, at: 2 }
    ],
    ["new", "old"]
  ],
  [
    "a trusted successor before what it supersedes, though older",
    [
      { name: "before", at: 9 },
      { name: "after", at: 1, supersedes: ["before"] }
    ],
    ["after", "before"]
  ],
  [
    "a chain of successors from its end",
    [
      { name: "1", at: 9 },
      { name: "2", at: 8, supersedes: ["1"] },
      { name: "3", at: 7, supersedes: ["2"] }
    ],
    ["3", "2", "1"]
  ],
  [
    "a Pending successor displaces nothing",
    [
      { name: "before", at: 9 },
      { name: "after", at: 1, supersedes: ["before"], trusted: false }
    ],
    ["before", "after"]
  ],
  [
    "nor one of another realm",
    [
      { name: "before", at: 9 },
      { name: "after", at: 1, supersedes: ["before"], realm: "foreign" }
    ],
    ["before", "after"]
  ],
  [
    "nor one that is less similar",
    [
      { name: "before", at: 9 },
      { name: "after", at: 10, supersedes: ["before"], similarity: 0.99 }
    ],
    ["before", "after"]
  ],
  [
    "a circle of successors ends",
    [
      { name: "a", at: 1, supersedes: ["b"] },
      { name: "b", at: 2, supersedes: ["a"] }
    ],
    ["b", "a"]
  ]
])("ranks %s", (_, given, expected) => {
  expect(order(...given)).toEqual(expected)
})

it("decides nearness with one tolerance of 1e-6", () => {
  expect([isNear(0.99, 0.99), isNear(0.989_999_5, 0.99), isNear(0.989_998, 0.99)]).toEqual([true, true, false])
})

it("never answers a cosine outside −1 to 1", () => {
  const vector = Float32Array.from({ length: 384 }, () => 1 / Math.sqrt(384))
  expect(cosine(vector, vector)).toBeLessThanOrEqual(1)
})
