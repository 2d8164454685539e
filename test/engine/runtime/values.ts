/** Random values of every kind that crosses the wall. */

import { compareKeys } from "../../../electron/engine/core/codec.ts"
import type { MapKey, Value } from "../../../shared/value.ts"
import { keyword } from "../../../shared/value.ts"
import type { Random } from "./random.ts"

export const letters = ["a", "B", "é", "ß", "😀", "\n", '"', "\\", " ", "\u0000", "中", "z"]

export function randomText(random: Random, most = 12): string {
  let out = ""
  for (let n = random.below(most); n > 0; n--) out += random.pick(letters)
  return out
}

export function randomInt(random: Random): bigint {
  const bits = BigInt(1 + random.below(64))
  return BigInt.asIntN(64, random.below(2) ? random.bits64() >> (64n - bits) : -(random.bits64() >> (64n - bits)))
}

export function randomFloat(random: Random): number {
  const view = new DataView(new ArrayBuffer(8))
  if (random.below(4) === 0)
    return random.pick([0, -0, 1, -1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, 2 ** 53])
  view.setBigUint64(0, random.bits64())
  const x = view.getFloat64(0)
  return Number.isNaN(x) ? 0.5 : x
}

export function randomKey(random: Random): MapKey {
  const kind = random.below(3)
  return kind === 0 ? randomInt(random) : kind === 1 ? randomText(random) : keyword(`k${random.below(50)}`)
}

/** `json`: only what JSON can say without loss (string keys, no keywords, lists, NaN or infinities). */
export function randomValue(random: Random, depth: number, json = false): Value {
  const kind = random.below(depth > 0 ? 9 : 6)
  switch (kind) {
    case 0:
      return random.pick([null, true, false])
    case 1:
    case 2:
      return randomInt(random)
    case 3: {
      const x = randomFloat(random)
      return json && !Number.isFinite(x) ? 0.25 : x
    }
    case 4:
      return json ? randomText(random) : keyword(`k${random.below(50)}`)
    case 5:
      return randomText(random)
    case 6:
    case 7: {
      const items = Array.from({ length: random.below(random.below(8) ? 5 : 70) }, () => randomValue(random, depth - 1, json))
      return json || kind === 6 ? items : { kind: "list", items }
    }
    default: {
      const entries: [MapKey, Value][] = []
      for (let n = random.below(random.below(5) ? 5 : 40); n > 0; n--)
        entries.push([json ? randomText(random) : randomKey(random), randomValue(random, depth - 1, json)])
      entries.sort((a, b) => compareKeys(a[0], b[0]))
      return { kind: "map", entries: entries.filter((e, i) => i === 0 || compareKeys((entries[i - 1] as [MapKey, Value])[0], e[0]) !== 0) }
    }
  }
}
