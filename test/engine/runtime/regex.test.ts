/** Regular expressions: against the host's engine on the common subset, and the rules in which the two differ as a table. */
import { expect, test } from "vitest"
import { openRuntime, Raised } from "./harness.ts"
import type { Random } from "./random.ts"
import { createRandom } from "./random.ts"

/** A random pattern both engines read alike; repeated items always match something. */
function pattern(random: Random, depth: number): string {
  const letter = (): string => random.pick(["a", "b", "c", "é", "😀", "\\n", ".", "[ab]", "[^a]", "[a-cé]", "[^\\n😀]", "\\x61", "(?:b)"])
  if (depth === 0) return letter()
  switch (random.below(7)) {
    case 0:
      return `(?:${pattern(random, depth - 1)}|${pattern(random, depth - 1)})`
    case 1:
      return `(?:${letter()}${pattern(random, depth - 1)})${random.pick(["*", "+", "?", "*?", "+?", "??", "{2}", "{1,3}", "{0,2}?", "{2,}"])}`
    case 2:
      return `${letter()}${random.pick(["*", "+", "?", "*?", "+?", "??", "{2}", "{1,3}", "{3,}?"])}`
    case 3:
      return `${random.pick(["^", "$", "\\b", "\\B", ""])}${pattern(random, depth - 1)}`
    case 4:
      return `(?<n${random.below(1e9)}>${pattern(random, depth - 1)})`
    default:
      return pattern(random, depth - 1) + pattern(random, depth - 1)
  }
}

function text(random: Random): string {
  let out = ""
  for (let n = random.below(14); n > 0; n--) out += random.pick(["a", "b", "c", "a", "b", "é", "😀", "\n", " "])
  return out
}

/** Host matches under the rule that an empty match directly after a match is none. */
function hostMatches(re: RegExp, subject: string): string[] {
  const out: string[] = []
  let last = -1
  let at = 0
  while (at <= subject.length) {
    re.lastIndex = at
    const found = re.exec(subject)
    if (!found) break
    const end = found.index + found[0].length
    if (found[0] === "" && end === last) {
      at += (subject.codePointAt(at) ?? 0) > 0xffff ? 2 : 1
      continue
    }
    out.push(found[0])
    last = end
    at = found[0] === "" ? end + ((subject.codePointAt(end) ?? 0) > 0xffff ? 2 : 1) : end
  }
  return out
}

test("20,000 random patterns find what the host finds", () => {
  const random = createRandom(42)
  let rt = openRuntime()
  for (let i = 0; i < 5000; i++) {
    if (i % 500 === 0) rt = openRuntime()
    const source = pattern(random, 1 + random.below(4))
    // \b of the host knows ASCII only, and \B looks between the halves of a pair: such cases get ASCII texts.
    const subject = (n: string): string => (/\\[bB]/.test(source) ? n.replaceAll("é", "d").replaceAll("😀", "-") : n)
    const re = new RegExp(source, "gu")
    for (let k = 0; k < 4; k++) {
      const t = subject(text(random))
      const expected = hostMatches(re, t)
      expect(JSON.stringify([source, t, rt.call("re-seq", source, t)])).toBe(JSON.stringify([source, t, expected]))
      expect(rt.call("re-matches", source, t)).toBe(expected.length > 0)
      expect(rt.call("re-find", source, t)).toBe(expected[0] ?? null)
    }
  }
})

test("large programs and texts go the other way and find the same", () => {
  // A branch that never matches makes the program so large that a bit for each (instruction, position) does not fit.
  const random = createRandom(43)
  for (let i = 0; i < 120; i++) {
    const rt = openRuntime()
    const source = pattern(random, 1 + random.below(4))
    if (/\\[bB]/.test(source)) continue
    const subject = text(random) + "ab\u0001".repeat(100) + text(random)
    const expected = hostMatches(new RegExp(source, "gu"), subject)
    expect([source, rt.call("re-seq", `(?:${source})|\\x00{45000}`, subject)]).toEqual([source, expected])
    expect([source, rt.call("re-seq", source, subject)]).toEqual([source, expected])
  }
})

const found: [string, string, string[]][] = [
  ["a*", "baab", ["", "aa", ""]],
  ["(?:a*)*", "aab", ["aa", ""]],
  ["(?:|a)*", "aa", ["", "", ""]],
  ["(?:|a)+", "aa", ["", "", ""]],
  ["(?i)straße", "STRASSE Straße STRAẞE", ["Straße", "STRAẞE"]],
  ["(?i)ΣΑΣ", "σας Σας", ["σας", "Σας"]],
  ["(?i-u)k", "kK\u212a", ["k", "K"]],
  ["\\bñu\\b", "ñu ñus (ñu)", ["ñu", "ñu"]],
  ["(?m)^\\w+$", "one\ntwo three\nfour", ["one", "four"]],
  ["(?s).+", "a\nb", ["a\nb"]],
  [".+", "a\nb", ["a", "b"]],
  ["(?x) a  # letter\n b ", "ab", ["ab"]],
  ["(?x)[ a b ]+", "a b", ["a", "b"]],
  ["(?U)a+", "aaa", ["a", "a", "a"]],
  ["(?U)a+?", "aaa", ["aaa"]],
  ["(?P<year>\\d{4})-(?<month>\\d\\d)", "on 2026-11-22", ["2026-11"]],
  ["[[:alpha:]&&[^aeiou]]+", "streams", ["str", "ms"]],
  ["[a-z--aeiou]+", "streams", ["str", "ms"]],
  ["[a-g~~e-z]+", "abefgh", ["ab", "h"]],
  ["[]a]+", "x]a]", ["]a]"]],
  ["[^]a]+", "x]ay", ["x", "y"]],
  ["[a-]+", "-a-b", ["-a-"]],
  ["[-a]+", "-a-b", ["-a-"]],
  ["[\\d\\-x]+", "1-x", ["1-x"]],
  ["\\pN", "x1²", ["1", "²"]],
  ["x{0}y", "xy", ["y"]],
  ["(?:){1000}a", "a", ["a"]],
  ["\\x{1F600}\\u00e9\\U0001F600", "😀é😀", ["😀é😀"]],
  ["a(?i)b|c", "aB C aC", ["aB", "C", "C"]],
  ["\\Aa\\z", "a", ["a"]],
  ["a$", "a\n", []],
  ["\\<\\w|\\w\\>", "ab cd", ["a", "b", "c", "d"]],
  ["\\b{start}\\w", "ab cd", ["a", "c"]],
  ["}]", "}]", ["}]"]],
  ["a||b", "b", ["", ""]],
  ["", "ab", ["", "", ""]],
  ["(a|ab)(c|bcd)", "abcd", ["abcd"]]
]

test.each(found)("%s in %j", (source, subject, expected) => {
  expect(openRuntime().call("re-seq", source, subject)).toEqual(expected)
})

const invalid = [
  "(",
  ")",
  "a)",
  "(a",
  "[",
  "[a",
  "[b-a]",
  "*",
  "+a",
  "a|*",
  "a{2",
  "a{3,2}",
  "a{",
  "{1}",
  "\\",
  "\\1",
  "\\q",
  "\\Q",
  "(?=a)",
  "(?!a)",
  "(?<=a)",
  "(?<!a)",
  "(?P=n)",
  "(?z)",
  "(?i",
  "\\x{110000}",
  "\\ud800",
  "\\p{Nope}",
  "[\\d-z]",
  "(?P<1a>x)",
  "(?<>x)",
  "(?)",
  "((a{1000}){1000}){1000}",
  "(".repeat(300) + ")".repeat(300),
  `a${"*".repeat(1000)}`,
  "(?i)*",
  "[a&&",
  "\\xZZ"
]

test.each(invalid)("the pattern %s is refused as a runtime-error", source => {
  expect(() => openRuntime().call("re-find", source, "a")).toThrow(Raised)
  expect(() => openRuntime().call("re-find", source, "a")).toThrow(/invalid regular expression/)
})

test("nil as text matches nothing; other kinds are type-errors", () => {
  const rt = openRuntime()
  expect(rt.call("re-matches", "a*", null)).toBe(false)
  expect(rt.call("re-find", "a*", null)).toBe(null)
  expect(rt.call("re-seq", "a*", null)).toEqual([])
  for (const name of ["re-matches", "re-find", "re-seq"]) {
    expect(() => rt.call(name, "a", 1n)).toThrow(`Type error in ${name}: expected string, got integer`)
    expect(() => rt.call(name, null, "a")).toThrow(`Type error in ${name}: expected string, got nil`)
  }
})

test("fuel grows linearly with the text, also for patterns that explode elsewhere", () => {
  const spent = (source: string, n: number): bigint => {
    const rt = openRuntime()
    const before = rt.fuel.value
    rt.call("re-matches", source, `${"a".repeat(n)}!`)
    return before - rt.fuel.value
  }
  for (const source of ["^(?:a+)+$", "^(?:a|aa)+$", "(?:a*)*b", "^(?:.*.*.*=.*)$"]) {
    const [small, large] = [spent(source, 2000), spent(source, 20_000)]
    expect(large).toBeGreaterThan(20_000n / 2n)
    expect(large).toBeLessThan(small * 12n)
  }
})
