/** Growing vectors and tree maps against plain arrays and sorted entries, over random histories. */
import fc from "fast-check"
import { expect, test } from "vitest"
import { compareKeys } from "../../../electron/engine/core/codec.ts"
import { GrowingVector, TreeMap } from "../../../electron/engine/core/growing.ts"
import { keyword, type MapKey, type Value } from "../../../shared/value.ts"

test("every version of a growing vector keeps its own items", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat({ max: 20 }), fc.array(fc.integer(), { maxLength: 3 })), { maxLength: 60 }), history => {
      const versions: { vector: GrowingVector; items: Value[] }[] = [{ vector: new GrowingVector([], 0), items: [] }]
      for (const [from, more] of history) {
        const base = versions[from % versions.length]!
        versions.push({ vector: base.vector.append(more), items: [...base.items, ...more] })
      }
      for (const { vector, items } of versions) {
        expect(vector.items).toEqual(items)
        expect(vector.length).toBe(items.length)
        expect(vector.at(items.length)).toBeUndefined()
      }
    })
  )
})

const key: fc.Arbitrary<MapKey> = fc.oneof(
  fc.integer({ min: -30, max: 30 }).map(BigInt),
  fc.string({ maxLength: 2 }),
  fc.string({ minLength: 1, maxLength: 2 }).map(keyword)
)

test("a tree map keeps map order, whatever the order of insertion", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(key, fc.integer()), { maxLength: 200 }), pairs => {
      let map = TreeMap.of([])
      const expected: [MapKey, number][] = []
      for (const [name, value] of pairs) {
        map = map.with(name, value)
        const at = expected.findIndex(([other]) => compareKeys(other, name) === 0)
        if (at < 0) expected.push([name, value])
        else expected[at] = [name, value]
      }
      expected.sort(([left], [right]) => compareKeys(left, right))
      expect(map.entries).toEqual(expected)
      expect(map.size).toBe(expected.length)
      for (const [name, value] of expected) expect(map.get(name)).toBe(value)
    })
  )
})
