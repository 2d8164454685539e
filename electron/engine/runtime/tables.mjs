// Writes assembly/unicode-tables.ts from the Unicode data of the Node that runs it: `node tables.mjs`. The version is recorded in the file and
// from there in the manifest; the build does not run this, so a newer Node does not change the runtime.
import { writeFileSync } from "node:fs"

const scalars = []
for (let c = 0; c <= 0x10ffff; c++) if (c < 0xd800 || c > 0xdfff) scalars.push(c)

const categories = [
  "Lu",
  "Ll",
  "Lt",
  "Lm",
  "Lo",
  "Mn",
  "Mc",
  "Me",
  "Nd",
  "Nl",
  "No",
  "Pc",
  "Pd",
  "Ps",
  "Pe",
  "Pi",
  "Pf",
  "Po",
  "Sm",
  "Sc",
  "Sk",
  "So",
  "Zs",
  "Zl",
  "Zp",
  "Cc",
  "Cf",
  "Co",
  "Cn",
  "Cs"
]

// Names of all scripts; the build of the tables stops if a scalar belongs to none of them.
const scripts = `
  Adlam Ahom Anatolian_Hieroglyphs Arabic Armenian Avestan Balinese Bamum Bassa_Vah Batak Bengali Beria_Erfe Bhaiksuki Bopomofo
  Brahmi Braille Buginese Buhid Canadian_Aboriginal Carian Caucasian_Albanian Chakma Cham Cherokee Chorasmian Common Coptic
  Cuneiform Cypriot Cypro_Minoan Cyrillic Deseret Devanagari Dives_Akuru Dogra Duployan Egyptian_Hieroglyphs Elbasan Elymaic
  Ethiopic Garay Georgian Glagolitic Gothic Grantha Greek Gujarati Gunjala_Gondi Gurmukhi Gurung_Khema Han Hangul Hanifi_Rohingya
  Hanunoo Hatran Hebrew Hiragana Imperial_Aramaic Inherited Inscriptional_Pahlavi Inscriptional_Parthian Javanese Kaithi Kannada
  Katakana Kawi Kayah_Li Kharoshthi Khitan_Small_Script Khmer Khojki Khudawadi Kirat_Rai Lao Latin Lepcha Limbu Linear_A Linear_B
  Lisu Lycian Lydian Mahajani Makasar Malayalam Mandaic Manichaean Marchen Masaram_Gondi Medefaidrin Meetei_Mayek Mende_Kikakui
  Meroitic_Cursive Meroitic_Hieroglyphs Miao Modi Mongolian Mro Multani Myanmar Nabataean Nag_Mundari Nandinagari New_Tai_Lue Newa
  Nko Nushu Nyiakeng_Puachue_Hmong Ogham Ol_Chiki Ol_Onal Old_Hungarian Old_Italic Old_North_Arabian Old_Permic Old_Persian
  Old_Sogdian Old_South_Arabian Old_Turkic Old_Uyghur Oriya Osage Osmanya Pahawh_Hmong Palmyrene Pau_Cin_Hau Phags_Pa Phoenician
  Psalter_Pahlavi Rejang Runic Samaritan Saurashtra Sharada Shavian Siddham Sidetic SignWriting Sinhala Sogdian Sora_Sompeng
  Soyombo Sundanese Sunuwar Syloti_Nagri Syriac Tagalog Tagbanwa Tai_Le Tai_Tham Tai_Viet Tai_Yo Takri Tamil Tangsa Tangut Telugu
  Thaana Thai Tibetan Tifinagh Tirhuta Todhri Tolong_Siki Toto Tulu_Tigalari Ugaritic Vai Vithkuqi Wancho Warang_Citi Yezidi Yi
  Zanabazar_Square
`
  .split(/\s+/)
  .filter(Boolean)

/** Bytes: for each run of one script, its length, then the script's number + 1 (0: none). */
function scriptRuns() {
  const of = new Uint8Array(0x110000)
  scripts.forEach((name, i) => {
    const test = new RegExp(`^\\p{Script=${name}}$`, "u")
    for (const c of scalars) if (!of[c] && test.test(String.fromCodePoint(c))) of[c] = i + 1
  })
  const none = /^[\p{Cn}\p{Co}]$/u
  for (const c of scalars)
    if (!of[c] && !none.test(String.fromCodePoint(c))) throw new Error(`U+${c.toString(16)} belongs to no script listed here`)
  const out = []
  for (let c = 1, from = 0; c <= 0x110000; c++) {
    if (of[c] === of[from]) continue
    varint(out, c - from)
    out.push(of[from])
    from = c
  }
  return out
}

function varint(out, n) {
  while (n > 127) {
    out.push((n & 127) | 128)
    n >>>= 7
  }
  out.push(n)
}

/** Bytes: for each run of one category, its length, then the category's number. */
function categoryRuns() {
  const tests = categories.map(name => new RegExp(`^\\p{gc=${name}}$`, "u"))
  const of = c => {
    const s = String.fromCodePoint(c)
    return tests.findIndex(t => t.test(s))
  }
  const out = []
  let from = 0
  let current = of(0)
  for (let c = 1; c <= 0x110000; c++) {
    const next = c === 0x110000 ? -1 : of(c)
    if (next === current) continue
    varint(out, c - from)
    out.push(current)
    from = c
    current = next
  }
  return out
}

/** Bytes: gap since the last range, length of this one. Ends with length 0. */
function ranges(test) {
  const out = []
  let end = 0
  let start = -1
  for (let c = 0; c <= 0x110000; c++) {
    const yes = c < 0x110000 && (c < 0xd800 || c > 0xdfff) && test(c)
    if (yes && start < 0) start = c
    if (!yes && start >= 0) {
      varint(out, start - end)
      varint(out, c - start)
      end = c
      start = -1
    }
  }
  out.push(0, 0)
  return out
}

/** Words: first | (stride 2 ? 2^31 : 0), last, delta; one triple a run of scalars with the same distance to their image. */
function deltas(map) {
  const out = []
  const entries = [...map].sort((a, b) => a[0] - b[0])
  let i = 0
  while (i < entries.length) {
    const [first, image] = entries[i]
    const delta = image - first
    let best = i
    let bestStride = 1
    for (const stride of [1, 2]) {
      let j = i
      while (j + 1 < entries.length && entries[j + 1][0] === entries[j][0] + stride && entries[j + 1][1] - entries[j + 1][0] === delta) j++
      if (j > best) {
        best = j
        bestStride = stride
      }
    }
    out.push((first | (bestStride === 2 ? 0x80000000 : 0)) >>> 0, entries[best][0], delta >>> 0)
    i = best + 1
  }
  return out
}

const points = s => [...s].map(c => c.codePointAt(0))
const upper = new Map()
const lower = new Map()
const upperSpecial = []
for (const c of scalars) {
  const s = String.fromCodePoint(c)
  const up = points(s.toUpperCase())
  const down = points(s.toLowerCase())
  if (up.length > 1) upperSpecial.push(c, up[0], up[1], up[2] ?? 0)
  else if (up[0] !== c) upper.set(c, up[0])
  if (down.length > 1) {
    if (c !== 0x130) throw new Error(`new special lower case of U+${c.toString(16)}: add it to unicode.ts`)
  } else if (down[0] !== c) lower.set(c, down[0])
}
if (upperSpecial.some(c => c > 0xffff)) throw new Error("special upper case outside 16 bits")

// Simple case folding: which scalars a pattern with (?i) takes as one. Each is sent to the smallest of its class.
const fold = new Map()
{
  const near = new Map()
  const join = (a, b) => {
    if (a === b || !new RegExp(`^\\u{${a.toString(16)}}$`, "iu").test(String.fromCodePoint(b))) return
    near.set(a, [...(near.get(a) ?? []), b])
    near.set(b, [...(near.get(b) ?? []), a])
  }
  for (const c of scalars) {
    const images = new Set([upper.get(c) ?? c, lower.get(c) ?? c])
    for (const i of [...images]) images.add(lower.get(i) ?? i).add(upper.get(i) ?? i)
    for (const i of images) join(c, i)
  }
  // Pairs that only case folding knows, by their full upper case.
  const byUpper = new Map()
  for (const c of scalars) {
    const up = String.fromCodePoint(c).toUpperCase()
    if (points(up).length > 1) byUpper.set(up, [...(byUpper.get(up) ?? []), c])
  }
  for (const [, group] of byUpper) for (const a of group) for (const b of group) join(a, b)
  const seen = new Set()
  for (const c of [...near.keys()].sort((a, b) => a - b)) {
    if (seen.has(c)) continue
    const orbit = [c]
    for (const member of orbit) for (const other of near.get(member) ?? []) if (!orbit.includes(other)) orbit.push(other)
    for (const member of orbit) {
      seen.add(member)
      if (member !== c) fold.set(member, c)
    }
  }
}

const is = pattern => {
  const test = new RegExp(`^${pattern}$`, "u")
  return c => test.test(String.fromCodePoint(c))
}
const basic = is("[\\p{L}\\p{Nl}\\p{M}\\p{Nd}\\p{Pc}]")
const word = is("[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}]")
for (const c of scalars) if (basic(c) && !word(c)) throw new Error("\\w is no longer a superset of its categories")

const list = numbers => {
  const lines = []
  for (let i = 0; i < numbers.length; i += 32) lines.push(`  ${numbers.slice(i, i + 32).join(", ")}`)
  return `[\n${lines.join(",\n")}\n]`
}
const up = deltas(upper)
const down = deltas(lower)
const folded = deltas(fold)
const text = `// Written by tables.mjs from Unicode ${process.versions.unicode}; see there for the formats. Do not edit.

export const CATEGORY_RUNS: usize = memory.data<u8>(${list(categoryRuns())})

/** Script names in lower case without underscores, each with a space after it. */
export const SCRIPT_NAMES: usize = memory.data<u8>(${list([...scripts.map(n => `${n.replaceAll("_", "").toLowerCase()} `).join("")].map(c => c.charCodeAt(0)).concat(0))})

export const SCRIPT_RUNS: usize = memory.data<u8>(${list(scriptRuns())})

export const CASED: usize = memory.data<u8>(${list(ranges(is("\\p{Cased}")))})

export const CASE_IGNORABLE: usize = memory.data<u8>(${list(ranges(is("\\p{Case_Ignorable}")))})

/** What \\w and \\b take beyond letters, marks, letter numbers, decimal digits and connectors. */
export const WORD_EXTRA: usize = memory.data<u8>(${list(ranges(c => word(c) && !basic(c)))})

/** What \\p{Alphabetic} has beyond letters and letter numbers. */
export const ALPHABETIC_EXTRA: usize = memory.data<u8>(${list(ranges(c => is("\\p{Alphabetic}")(c) && !is("[\\p{L}\\p{Nl}]")(c)))})

/** What \\p{Uppercase} has beyond Lu, and \\p{Lowercase} beyond Ll. */
export const UPPERCASE_EXTRA: usize = memory.data<u8>(${list(ranges(c => is("\\p{Uppercase}")(c) && !is("\\p{Lu}")(c)))})
export const LOWERCASE_EXTRA: usize = memory.data<u8>(${list(ranges(c => is("\\p{Lowercase}")(c) && !is("\\p{Ll}")(c)))})

export const UPPER_RUNS: i32 = ${up.length / 3}
export const UPPER: usize = memory.data<u32>(${list(up)})

export const LOWER_RUNS: i32 = ${down.length / 3}
export const LOWER: usize = memory.data<u32>(${list(down)})

export const FOLD_RUNS: i32 = ${folded.length / 3}
export const FOLD: usize = memory.data<u32>(${list(folded)})

/** Scalar, then its upper case of two or three scalars (0 = none). */
export const UPPER_SPECIALS: i32 = ${upperSpecial.length / 4}
export const UPPER_SPECIAL: usize = memory.data<u16>(${list(upperSpecial)})
`
writeFileSync(new URL("assembly/unicode-tables.ts", import.meta.url), text)
console.log(`Unicode ${process.versions.unicode}: upper ${up.length / 3}, lower ${down.length / 3}, fold ${folded.length / 3} runs`)
