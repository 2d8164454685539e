import { describe, expect, it } from "vitest"
import { fromHex, toHex } from "../../../electron/engine/core/digest.ts"
import {
  consistencyProof,
  createFrontier,
  inclusionProof,
  leafHash,
  merkleRoot,
  verifyConsistency,
  verifyInclusion
} from "../../../electron/engine/core/merkle.ts"
import { utf8Encode } from "../../../electron/engine/core/utf8.ts"
import vectors from "../../vectors/rfc6962.json" with { type: "json" }

const leaves = vectors.leaves.map(hex => leafHash(fromHex(hex)))
const many = Array.from({ length: 70 }, (_, index) => leafHash(utf8Encode(`entry ${index}`)))

describe("the published tree of RFC 6962", () => {
  it("has the published root at every size", () => {
    for (const [size, root] of vectors.roots.entries()) expect(toHex(merkleRoot(leaves.slice(0, size)))).toBe(root)
  })

  it("has the published inclusion proofs, and they verify", () => {
    for (const { index, size, proof } of vectors.inclusion) {
      expect(inclusionProof(leaves.slice(0, size), index).map(toHex)).toEqual(proof)
      expect(verifyInclusion(leaves[index]!, index, size, proof.map(fromHex), fromHex(vectors.roots[size]!))).toBe(true)
    }
  })

  it("has the published consistency proofs, and they verify", () => {
    for (const { from, to, proof } of vectors.consistency) {
      expect(consistencyProof(leaves.slice(0, to), from).map(toHex)).toEqual(proof)
      expect(verifyConsistency(from, to, proof.map(fromHex), fromHex(vectors.roots[from]!), fromHex(vectors.roots[to]!))).toBe(true)
    }
  })
})

describe("a growing tree", () => {
  it("keeps a frontier whose root equals that of all leaves", () => {
    const frontier = createFrontier()
    for (const [index, leaf] of many.entries()) {
      expect(toHex(frontier.root())).toBe(toHex(merkleRoot(many.slice(0, index))))
      frontier.push(leaf)
    }
    expect(frontier.size).toBe(70)
  })

  it("proves every leaf at every size, and no leaf at another position", () => {
    for (let size = 1; size <= 40; size++) {
      const root = merkleRoot(many.slice(0, size))
      for (let index = 0; index < size; index++) {
        const proof = inclusionProof(many.slice(0, size), index)
        expect(verifyInclusion(many[index]!, index, size, proof, root)).toBe(true)
        expect(verifyInclusion(many[index]!, (index + 1) % size, size, proof, root)).toBe(size === 1)
        expect(verifyInclusion(many[index + 1]!, index, size, proof, root)).toBe(false)
        expect(verifyInclusion(many[index]!, index, size, [...proof, root], root)).toBe(false)
        if (proof.length > 0) expect(verifyInclusion(many[index]!, index, size, proof.slice(1), root)).toBe(false)
      }
    }
  })

  it("proves every prefix consistent and no other tree", () => {
    for (let to = 1; to <= 40; to++) {
      const toRoot = merkleRoot(many.slice(0, to))
      for (let from = 1; from <= to; from++) {
        const fromRoot = merkleRoot(many.slice(0, from))
        const other = merkleRoot([...many.slice(0, from - 1), many[60]!])
        const proof = consistencyProof(many.slice(0, to), from)
        expect(verifyConsistency(from, to, proof, fromRoot, toRoot)).toBe(true)
        expect(verifyConsistency(from, to, proof, other, toRoot)).toBe(false)
        expect(verifyConsistency(from, to, [...proof, fromRoot], fromRoot, toRoot)).toBe(false)
        if (from < to) expect(verifyConsistency(from, to, proof, fromRoot, fromRoot)).toBe(false)
      }
    }
  })

  it.each([
    [-1, 8],
    [8, 8],
    [0.5, 8],
    [Number.NaN, 8]
  ])("refuses the position %s in a tree of %s", (index, size) => {
    expect(verifyInclusion(leaves[0]!, index, size, [], merkleRoot(leaves))).toBe(false)
    expect(() => inclusionProof(leaves, index)).toThrow(RangeError)
  })

  it("refuses consistency from the empty or a larger tree", () => {
    expect(verifyConsistency(0, 8, [], merkleRoot([]), merkleRoot(leaves))).toBe(false)
    expect(verifyConsistency(9, 8, [], merkleRoot([]), merkleRoot(leaves))).toBe(false)
    expect(() => consistencyProof(leaves, 0)).toThrow(RangeError)
    expect(() => consistencyProof(leaves, 9)).toThrow(RangeError)
  })
})
