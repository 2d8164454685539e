// The table of built-ins, in the order of language page §9: name, least and most arguments (−1: no bound), the direct calls by argument
// count, the call for any other count, and what they import. `node builtins.mjs` writes assembly/builtins.ts from it.
import { writeFileSync } from "node:fs"

const kind = test => ({ 1: `toBool(${test})` })
const json = f => ({ 1: `${f}(a)` })

// In expressions: a b c d are the arguments, depth the calls remaining, p and n the arguments in memory.
export const builtins = [
  ["+", 1, -1, { 1: 'same("+", a)', 2: "add(a, b)" }, "sumAll(p, n)"],
  ["-", 1, -1, { 1: "negate(a)", 2: "sub(a, b)" }, "differenceAll(p, n)"],
  ["*", 1, -1, { 1: 'same("*", a)', 2: "mul(a, b)" }, "productAll(p, n)"],
  ["/", 1, -1, { 1: "div1(a)", 2: "div2(a, b)" }, "divAll(p, n)"],
  ["mod", 2, 2, { 2: "mod(a, b)" }],
  ["pow", 2, 2, { 2: "pow(a, b)" }],
  ["inc", 1, 1, { 1: "inc(a)" }],
  ["dec", 1, 1, { 1: "dec(a)" }],
  ["abs", 1, 1, { 1: "absolute(a)" }],
  ["max", 1, -1, { 1: "a", 2: "max2(a, b)" }, "maxAll(p, n)"],
  ["min", 1, -1, { 1: "a", 2: "min2(a, b)" }, "minAll(p, n)"],
  ["sqrt", 1, 1, { 1: "squareRoot(a)" }],
  ["factorial", 1, 1, { 1: "factorial(a)" }],
  ["even?", 1, 1, { 1: "isEven(a)" }],
  ["odd?", 1, 1, { 1: "isOdd(a)" }],
  ["int", 1, 1, { 1: "toInteger(a)" }],
  ["float", 1, 1, { 1: "toDouble(a)" }],
  ["parse-int", 1, 1, { 1: "parseInteger(a)" }],
  ["parse-float", 1, 1, { 1: "parseDouble(a)" }],
  ["=", 1, -1, { 1: "TRUE", 2: "toBool(equal(a, b))" }, "equalAll(p, n)"],
  ["!=", 2, 2, { 2: "toBool(!equal(a, b))" }],
  ["not=", 2, 2, { 2: "toBool(!equal(a, b))" }],
  ["<", 2, 2, { 2: "toBool(less(a, b))" }],
  [">", 2, 2, { 2: "toBool(greater(a, b))" }],
  ["<=", 2, 2, { 2: "toBool(atMost(a, b))" }],
  [">=", 2, 2, { 2: "toBool(atLeast(a, b))" }],
  ["and", 0, -1, { 2: "truthy(a) ? b : a" }, "andAll(p, n)"],
  ["or", 0, -1, { 2: "truthy(a) ? a : b" }, "orAll(p, n)"],
  ["not", 1, 1, { 1: "toBool(!truthy(a))" }],
  ["str", 0, -1, { 1: "str1(a)", 2: "str2(a, b)", 3: "str3(a, b, c)", 4: "str4(a, b, c, d)" }, "str(p, n)"],
  ["string-length", 1, 1, { 1: "stringLength(a)" }],
  ["string-upper", 1, 1, { 1: "stringUpper(a)" }],
  ["string-lower", 1, 1, { 1: "stringLower(a)" }],
  ["string-trim", 1, 1, { 1: "stringTrim(a)" }],
  ["string-contains", 2, 2, { 2: "stringContains(a, b)" }],
  ["starts-with?", 2, 2, { 2: "startsWith(a, b)" }],
  ["substring", 2, 3, { 2: "substring(a, b, 0, false)", 3: "substring(a, b, c, true)" }],
  ["split", 2, 2, { 2: "split(a, b)" }],
  ["join", 2, 2, { 2: 'join("join", a, b)' }],
  ["string-join", 2, 2, { 2: 'join("string-join", a, b)' }],
  ["re-matches", 2, 2, { 2: "reMatches(a, b)" }],
  ["re-find", 2, 2, { 2: "reFind(a, b)" }],
  ["re-seq", 2, 2, { 2: "reSeq(a, b)" }],
  ["vector", 0, -1, {}, "fromValues(T_VECTOR, p, n)"],
  ["count", 1, 1, { 1: 'count("count", a)' }],
  ["length", 1, 1, { 1: 'count("length", a)' }],
  ["empty?", 1, 1, { 1: "isEmpty(a)" }],
  ["first", 1, 1, { 1: "first(a)" }],
  ["rest", 1, 1, { 1: "rest(a)" }],
  ["last", 1, 1, { 1: "last(a)" }],
  ["nth", 2, 3, { 2: "nth(a, b, 0, false)", 3: "nth(a, b, c, true)" }],
  ["get", 2, 3, { 2: "get(a, b, NIL)", 3: "get(a, b, c)" }],
  ["conj", 2, -1, { 2: "conj2(a, b)" }, "conjAll(p, n)"],
  ["cons", 2, 2, { 2: "cons(a, b)" }],
  ["concat", 0, -1, { 1: "concat1(a)", 2: "concat2(a, b)" }, "concat(p, n)"],
  ["reverse", 1, 1, { 1: "reverse(a)" }],
  ["take", 2, 2, { 2: "take(a, b)" }],
  ["drop", 2, 2, { 2: "drop(a, b)" }],
  ["subvec", 2, 3, { 2: "subvec(a, b, 0, false)", 3: "subvec(a, b, c, true)" }],
  ["distinct", 1, 1, { 1: "distinct(a)" }],
  ["partition", 2, 2, { 2: "partition(a, b)" }],
  ["sort", 1, 1, { 1: "sort(a)" }],
  ["range", 2, 2, { 2: "range(a, b)" }],
  ["numbers", 2, 2, { 2: "numbers(a, b)" }],
  ["contains?", 2, 2, { 2: "contains(a, b)" }],
  ["hash-map", 0, -1, {}, "hashMap(p, n)"],
  ["assoc", 3, -1, { 3: "assoc(a, b, c)" }, "assocAll(p, n)"],
  ["dissoc", 2, -1, { 2: "dissoc2(a, b)" }, "dissoc(p, n)"],
  ["merge", 1, -1, { 1: "merge1(a)", 2: "merge2(a, b)" }, "merge(p, n)"],
  ["update", 3, -1, { 3: "update3(a, b, c, depth)" }, "update(p, n, depth)"],
  ["get-in", 2, 3, { 2: "getIn(a, b, NIL)", 3: "getIn(a, b, c)" }],
  ["keys", 1, 1, { 1: "keys(a)" }],
  ["vals", 1, 1, { 1: "vals(a)" }],
  ["find", 2, 2, { 2: "find(a, b)" }],
  ["map", 2, 2, { 2: "map(a, b, depth)" }],
  ["map-indexed", 2, 2, { 2: "mapIndexed(a, b, depth)" }],
  ["filter", 2, 2, { 2: "filter(a, b, depth)" }],
  ["remove", 2, 2, { 2: "removeIf(a, b, depth)" }],
  ["reduce", 2, 3, { 2: "reduce(a, ABSENT, b, depth)", 3: "reduce(a, b, c, depth)" }],
  ["apply", 2, -1, { 2: "apply2(a, b, depth)" }, "apply(p, n, depth)"],
  ["group-by", 2, 2, { 2: "groupBy(a, b, depth)" }],
  ["every?", 2, 2, { 2: "every(a, b, depth)" }],
  ["some?", 2, 2, { 2: "some(a, b, depth)" }],
  ["int?", 1, 1, kind("isInt(a)")],
  ["float?", 1, 1, kind("isFloat(a)")],
  ["number?", 1, 1, kind("isNumber(a)")],
  ["string?", 1, 1, kind("hasTag(a, T_STRING)")],
  ["string-p", 1, 1, kind("hasTag(a, T_STRING)")],
  ["bool?", 1, 1, kind("a == TRUE || a == FALSE")],
  ["nil?", 1, 1, kind("a == NIL")],
  ["map?", 1, 1, kind("hasTag(a, T_MAP)")],
  ["vector?", 1, 1, kind("hasTag(a, T_VECTOR)")],
  ["list?", 1, 1, kind("hasTag(a, T_LIST)")],
  ["keyword?", 1, 1, kind("hasTag(a, T_KEYWORD)")],
  ["symbol?", 1, 1, { 1: "FALSE" }],
  ["fn?", 1, 1, kind("hasTag(a, T_FUNCTION)")],
  ["type-name", 1, 1, { 1: "text(kindName(a))" }],
  ["Exception.", 1, -1, { 1: "exception(a)" }, "exception(load<i64>(p))"],
  ["getMessage", 1, 1, { 1: "getMessage(a)" }],
  ["parse-json", 1, 1, json("parseJson")],
  ["tool/parse-json", 1, 1, json("parseJson")],
  ["serialize-json", 1, 1, json("serializeJson")],
  ["tool/serialize-json", 1, 1, json("serializeJson")],
  ["serialize-json-pretty", 1, 1, json("serializePretty")],
  ["tool/serialize-json-pretty", 1, 1, json("serializePretty")],
  ["process-data", 1, 1, { 1: "a" }],
  ["deftype", 2, 2, { 2: "NIL" }],
  ["read-file", 1, 1, { 1: "readFile()" }]
].map(([name, min, max, direct, many], index) => ({
  name,
  index,
  min,
  max,
  direct,
  many,
  depth: Object.values(direct).some(e => e.includes("depth")) || (many ?? "").includes("depth")
}))

const letters = ["a", "b", "c", "d"]

/** The AssemblyScript text: direct calls `b{index}_{count}`, the dispatch on the index of a function object, names and arities. */
export function builtinsSource() {
  const out = [
    "// Written by builtins.mjs: the built-ins by index. Do not edit.",
    'import { ABSENT, toBool, FALSE, hasTag, isFloat, isInt, isNumber, NIL, TRUE, truthy, T_FUNCTION, T_KEYWORD, T_LIST, T_MAP, T_STRING, T_VECTOR } from "./value"',
    'import { absolute, add, atLeast, atMost, dec, div1, div2, divAll, factorial, greater, inc, isEven, isOdd, less, max2, min2, mod, mul, negate, parseDouble, parseInteger, pow, same, squareRoot, sub, toDouble, toInteger } from "./number"',
    'import { andAll, apply2, concat1, concat2, differenceAll, dissoc2, equalAll, exception, getMessage, maxAll, merge1, merge2, minAll, orAll, productAll, readFile, str1, str2, str3, str4, stringContains, stringLength, stringLower, stringTrim, stringUpper, sumAll } from "./variadic"',
    'import { join, split, startsWith, str, substring } from "./text"',
    'import { reFind, reMatches, reSeq } from "./regex"',
    'import { concat, conj2, conjAll, cons, contains, count, distinct, drop, first, get, isEmpty, last, nth, numbers, partition, range, rest, reverse, sort, subvec, take } from "./sequence"',
    'import { assoc, assocAll, dissoc, find, getIn, hashMap, keys, merge, vals } from "./collection"',
    'import { apply, every, filter, groupBy, map, mapIndexed, reduce, removeIf, some, update, update3 } from "./call"',
    'import { parseJson, serializeJson, serializePretty } from "./json"',
    'import { equal } from "./order"',
    'import { arityText, kindName } from "./error"',
    'import { defect } from "./memory"',
    'import { text } from "./string"',
    'import { args, fromValues } from "./vector"',
    "",
    `export const BUILTINS: u32 = ${builtins.length}`,
    ""
  ]
  for (const { index, direct, depth } of builtins) {
    for (const [count, expression] of Object.entries(direct)) {
      const parameters = letters.slice(0, Number(count)).map(l => `${l}: i64`)
      if (depth) parameters.push("depth: i32")
      out.push(`export function b${index}_${count}(${parameters.join(", ")}): i64 {`, `  return ${expression}`, "}")
    }
  }
  out.push("", `const MIN: usize = memory.data<i8>([${builtins.map(b => b.min).join(", ")}])`)
  out.push(`const MAX: usize = memory.data<i8>([${builtins.map(b => b.max).join(", ")}])`)
  out.push(
    "",
    "export function minArity(index: u32): i32 {",
    "  return load<i8>(MIN + index)",
    "}",
    "/** −1: no bound. */",
    "export function maxArity(index: u32): i32 {",
    "  return load<i8>(MAX + index)",
    "}",
    "",
    "export function builtinName(index: u32): string {",
    "  switch (index) {"
  )
  for (const { name, index } of builtins) out.push(`    case ${index}: return ${JSON.stringify(name)}`)
  out.push('    default: return "built-in"', "  }", "}")
  for (let count = 0; count <= 4; count++) {
    const parameters = letters.slice(0, count)
    const typed = parameters.map(l => `${l}: i64, `).join("")
    out.push("", `export function builtin${count}(index: u32, ${typed}depth: i32): i64 {`, "  switch (index) {")
    for (const { index, direct, depth } of builtins) {
      if (direct[count])
        out.push(`    case ${index}: return b${index}_${count}(${[...parameters, ...(depth ? ["depth"] : [])].join(", ")})`)
    }
    out.push("  }", `  let p = args(${count})`)
    parameters.forEach((l, i) => {
      out.push(`  store<i64>(p, ${l}, ${8 * i})`)
    })
    out.push(`  return spread(index, ${count}, p, depth)`, "}")
  }
  out.push(
    "",
    "/** Arguments in memory, the count not one of the direct calls. */",
    "function spread(index: u32, n: u32, p: usize, depth: i32): i64 {"
  )
  out.push("  let min = minArity(index)", "  let max = maxArity(index)")
  out.push("  if (<i32>n < min || (max >= 0 && <i32>n > max)) arityText(builtinName(index), min, max, n)", "  switch (index) {")
  for (const { index, many } of builtins) if (many) out.push(`    case ${index}: return ${many}`)
  out.push("  }", "  defect()", "  return NIL", "}", "")
  out.push(
    "/** Any number of arguments in memory (from `args`, given away). */",
    "export function builtinMany(index: u32, n: u32, p: usize, depth: i32): i64 {"
  )
  out.push("  if (maxArity(index) >= 0) {", "    switch (n) {", "      case 1: return builtin1(index, load<i64>(p), depth)")
  out.push("      case 2: return builtin2(index, load<i64>(p), load<i64>(p, 8), depth)")
  out.push("      case 3: return builtin3(index, load<i64>(p), load<i64>(p, 8), load<i64>(p, 16), depth)", "    }", "  }")
  out.push("  return spread(index, n, p, depth)", "}", "")
  return out.join("\n")
}

if (process.argv[1] === new URL(import.meta.url).pathname) writeFileSync(new URL("assembly/builtins.ts", import.meta.url), builtinsSource())
