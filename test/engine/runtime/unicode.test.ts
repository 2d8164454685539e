/** Case mapping, whitespace and character classes against the host's Unicode, over every scalar. */
import { expect, test } from "vitest"
import { manifest, openRuntime } from "./harness.ts"
import { createRandom } from "./random.ts"

const rt = openRuntime(10n ** 15n)

function* scalars(): Generator<string> {
  for (let c = 0; c <= 0x10ffff; c++) if (c < 0xd800 || c > 0xdfff) yield String.fromCodePoint(c)
}

const chunks: string[] = []
{
  let text = ""
  // A space between scalars: no sigma is final, nothing combines.
  for (const c of scalars()) {
    text += `${c} `
    if (text.length > 4000) {
      chunks.push(text)
      text = ""
    }
  }
  chunks.push(text)
}

test("the tables are of the host's Unicode version", () => {
  expect(manifest.unicode).toBe(process.versions.unicode)
})

test("upper and lower case of every scalar agree with the host", () => {
  for (const text of chunks) {
    expect(rt.call("string-upper", text)).toBe(text.toUpperCase())
    expect(rt.call("string-lower", text)).toBe(text.toLowerCase())
  }
})

test("final sigma depends on its neighbours", () => {
  const random = createRandom(3)
  const parts = ["Σ", "α", "A", " ", "'", ".", "\u0301", "ʹ", "1", "Σ", "-", "😀", "ß", "\u00ad"]
  for (let i = 0; i < 20_000; i++) {
    let text = ""
    for (let k = 1 + random.below(6); k > 0; k--) text += random.pick(parts)
    expect(rt.call("string-lower", text)).toBe(text.toLowerCase())
  }
})

test("trimming removes exactly the White_Space scalars", () => {
  const space = /^\p{White_Space}$/u
  for (const c of scalars()) {
    if (c.codePointAt(0)! > 0x3100) break
    expect(rt.call("string-trim", `${c}x${c}`)).toBe(space.test(c) ? "x" : `${c}x${c}`)
  }
})

const classes: [string, RegExp][] = [
  ["\\d", /\p{Nd}/gu],
  ["\\w", /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]/gu],
  ["\\s", /\p{White_Space}/gu],
  ["\\pL", /\p{L}/gu],
  ["\\p{Lu}", /\p{Lu}/gu],
  ["\\p{Uppercase}", /\p{Uppercase}/gu],
  ["\\p{lowercase}", /\p{Lowercase}/gu],
  ["\\p{Alphabetic}", /\p{Alphabetic}/gu],
  ["\\p{gc=Sc}", /\p{Sc}/gu],
  ["\\p{Greek}", /\p{Script=Greek}/gu],
  ["\\p{sc=Han}", /\p{Script=Han}/gu],
  ["\\p{Script=Zanabazar_Square}", /\p{Script=Zanabazar_Square}/gu],
  ["\\P{Common}", /\P{Script=Common}/gu],
  ["\\PL", /\P{L}/gu],
  ["\\p{^Letter}", /\P{L}/gu],
  ["[^\\W\\d]", /[[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]--\p{Nd}]/gv],
  ["[\\w--[a-z]]", /[[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]--[a-z]]/gv],
  ["(?i)k", /k/giu],
  ["(?i)[s-t]", /[s-t]/giu],
  ["(?i)[à-ö]", /[à-ö]/giu],
  ["(?i)σ", /σ/giu]
]

test.each(classes)("the class %s holds the same scalars as the host's", (pattern, oracle) => {
  const fresh = openRuntime(10n ** 15n)
  for (const text of chunks) {
    const found = fresh.invoke(fresh.builtin("re-seq"), fresh.toRaw(pattern), fresh.toRaw(text))
    expect(fresh.fromRaw(fresh.invoke(fresh.builtin("join"), fresh.toRaw("|"), found))).toBe((text.match(oracle) ?? []).join("|"))
  }
})
