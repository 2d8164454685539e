// Written by builtins.mjs: the built-ins by index. Do not edit.
import { ABSENT, toBool, FALSE, hasTag, isFloat, isInt, isNumber, NIL, TRUE, truthy, T_FUNCTION, T_KEYWORD, T_LIST, T_MAP, T_STRING, T_VECTOR } from "./value"
import { absolute, add, atLeast, atMost, dec, div1, div2, divAll, factorial, greater, inc, isEven, isOdd, less, max2, min2, mod, mul, negate, parseDouble, parseInteger, pow, same, squareRoot, sub, toDouble, toInteger } from "./number"
import { andAll, apply2, concat1, concat2, differenceAll, dissoc2, equalAll, exception, getMessage, maxAll, merge1, merge2, minAll, orAll, productAll, readFile, str1, str2, str3, str4, stringContains, stringLength, stringLower, stringTrim, stringUpper, sumAll } from "./variadic"
import { join, split, startsWith, str, substring } from "./text"
import { reFind, reMatches, reSeq } from "./regex"
import { concat, conj2, conjAll, cons, contains, count, distinct, drop, first, get, isEmpty, last, nth, numbers, partition, range, rest, reverse, sort, subvec, take } from "./sequence"
import { assoc, assocAll, dissoc, find, getIn, hashMap, keys, merge, vals } from "./collection"
import { apply, every, filter, groupBy, map, mapIndexed, reduce, removeIf, some, update, update3 } from "./call"
import { parseJson, serializeJson, serializePretty } from "./json"
import { equal } from "./order"
import { arityText, kindName } from "./error"
import { defect } from "./memory"
import { text } from "./string"
import { args, fromValues } from "./vector"

export const BUILTINS: u32 = 108

export function b0_1(a: i64): i64 {
  return same("+", a)
}
export function b0_2(a: i64, b: i64): i64 {
  return add(a, b)
}
export function b1_1(a: i64): i64 {
  return negate(a)
}
export function b1_2(a: i64, b: i64): i64 {
  return sub(a, b)
}
export function b2_1(a: i64): i64 {
  return same("*", a)
}
export function b2_2(a: i64, b: i64): i64 {
  return mul(a, b)
}
export function b3_1(a: i64): i64 {
  return div1(a)
}
export function b3_2(a: i64, b: i64): i64 {
  return div2(a, b)
}
export function b4_2(a: i64, b: i64): i64 {
  return mod(a, b)
}
export function b5_2(a: i64, b: i64): i64 {
  return pow(a, b)
}
export function b6_1(a: i64): i64 {
  return inc(a)
}
export function b7_1(a: i64): i64 {
  return dec(a)
}
export function b8_1(a: i64): i64 {
  return absolute(a)
}
export function b9_1(a: i64): i64 {
  return a
}
export function b9_2(a: i64, b: i64): i64 {
  return max2(a, b)
}
export function b10_1(a: i64): i64 {
  return a
}
export function b10_2(a: i64, b: i64): i64 {
  return min2(a, b)
}
export function b11_1(a: i64): i64 {
  return squareRoot(a)
}
export function b12_1(a: i64): i64 {
  return factorial(a)
}
export function b13_1(a: i64): i64 {
  return isEven(a)
}
export function b14_1(a: i64): i64 {
  return isOdd(a)
}
export function b15_1(a: i64): i64 {
  return toInteger(a)
}
export function b16_1(a: i64): i64 {
  return toDouble(a)
}
export function b17_1(a: i64): i64 {
  return parseInteger(a)
}
export function b18_1(a: i64): i64 {
  return parseDouble(a)
}
export function b19_1(a: i64): i64 {
  return TRUE
}
export function b19_2(a: i64, b: i64): i64 {
  return toBool(equal(a, b))
}
export function b20_2(a: i64, b: i64): i64 {
  return toBool(!equal(a, b))
}
export function b21_2(a: i64, b: i64): i64 {
  return toBool(!equal(a, b))
}
export function b22_2(a: i64, b: i64): i64 {
  return toBool(less(a, b))
}
export function b23_2(a: i64, b: i64): i64 {
  return toBool(greater(a, b))
}
export function b24_2(a: i64, b: i64): i64 {
  return toBool(atMost(a, b))
}
export function b25_2(a: i64, b: i64): i64 {
  return toBool(atLeast(a, b))
}
export function b26_2(a: i64, b: i64): i64 {
  return truthy(a) ? b : a
}
export function b27_2(a: i64, b: i64): i64 {
  return truthy(a) ? a : b
}
export function b28_1(a: i64): i64 {
  return toBool(!truthy(a))
}
export function b29_1(a: i64): i64 {
  return str1(a)
}
export function b29_2(a: i64, b: i64): i64 {
  return str2(a, b)
}
export function b29_3(a: i64, b: i64, c: i64): i64 {
  return str3(a, b, c)
}
export function b29_4(a: i64, b: i64, c: i64, d: i64): i64 {
  return str4(a, b, c, d)
}
export function b30_1(a: i64): i64 {
  return stringLength(a)
}
export function b31_1(a: i64): i64 {
  return stringUpper(a)
}
export function b32_1(a: i64): i64 {
  return stringLower(a)
}
export function b33_1(a: i64): i64 {
  return stringTrim(a)
}
export function b34_2(a: i64, b: i64): i64 {
  return stringContains(a, b)
}
export function b35_2(a: i64, b: i64): i64 {
  return startsWith(a, b)
}
export function b36_2(a: i64, b: i64): i64 {
  return substring(a, b, 0, false)
}
export function b36_3(a: i64, b: i64, c: i64): i64 {
  return substring(a, b, c, true)
}
export function b37_2(a: i64, b: i64): i64 {
  return split(a, b)
}
export function b38_2(a: i64, b: i64): i64 {
  return join("join", a, b)
}
export function b39_2(a: i64, b: i64): i64 {
  return join("string-join", a, b)
}
export function b40_2(a: i64, b: i64): i64 {
  return reMatches(a, b)
}
export function b41_2(a: i64, b: i64): i64 {
  return reFind(a, b)
}
export function b42_2(a: i64, b: i64): i64 {
  return reSeq(a, b)
}
export function b44_1(a: i64): i64 {
  return count("count", a)
}
export function b45_1(a: i64): i64 {
  return count("length", a)
}
export function b46_1(a: i64): i64 {
  return isEmpty(a)
}
export function b47_1(a: i64): i64 {
  return first(a)
}
export function b48_1(a: i64): i64 {
  return rest(a)
}
export function b49_1(a: i64): i64 {
  return last(a)
}
export function b50_2(a: i64, b: i64): i64 {
  return nth(a, b, 0, false)
}
export function b50_3(a: i64, b: i64, c: i64): i64 {
  return nth(a, b, c, true)
}
export function b51_2(a: i64, b: i64): i64 {
  return get(a, b, NIL)
}
export function b51_3(a: i64, b: i64, c: i64): i64 {
  return get(a, b, c)
}
export function b52_2(a: i64, b: i64): i64 {
  return conj2(a, b)
}
export function b53_2(a: i64, b: i64): i64 {
  return cons(a, b)
}
export function b54_1(a: i64): i64 {
  return concat1(a)
}
export function b54_2(a: i64, b: i64): i64 {
  return concat2(a, b)
}
export function b55_1(a: i64): i64 {
  return reverse(a)
}
export function b56_2(a: i64, b: i64): i64 {
  return take(a, b)
}
export function b57_2(a: i64, b: i64): i64 {
  return drop(a, b)
}
export function b58_2(a: i64, b: i64): i64 {
  return subvec(a, b, 0, false)
}
export function b58_3(a: i64, b: i64, c: i64): i64 {
  return subvec(a, b, c, true)
}
export function b59_1(a: i64): i64 {
  return distinct(a)
}
export function b60_2(a: i64, b: i64): i64 {
  return partition(a, b)
}
export function b61_1(a: i64): i64 {
  return sort(a)
}
export function b62_2(a: i64, b: i64): i64 {
  return range(a, b)
}
export function b63_2(a: i64, b: i64): i64 {
  return numbers(a, b)
}
export function b64_2(a: i64, b: i64): i64 {
  return contains(a, b)
}
export function b66_3(a: i64, b: i64, c: i64): i64 {
  return assoc(a, b, c)
}
export function b67_2(a: i64, b: i64): i64 {
  return dissoc2(a, b)
}
export function b68_1(a: i64): i64 {
  return merge1(a)
}
export function b68_2(a: i64, b: i64): i64 {
  return merge2(a, b)
}
export function b69_3(a: i64, b: i64, c: i64, depth: i32): i64 {
  return update3(a, b, c, depth)
}
export function b70_2(a: i64, b: i64): i64 {
  return getIn(a, b, NIL)
}
export function b70_3(a: i64, b: i64, c: i64): i64 {
  return getIn(a, b, c)
}
export function b71_1(a: i64): i64 {
  return keys(a)
}
export function b72_1(a: i64): i64 {
  return vals(a)
}
export function b73_2(a: i64, b: i64): i64 {
  return find(a, b)
}
export function b74_2(a: i64, b: i64, depth: i32): i64 {
  return map(a, b, depth)
}
export function b75_2(a: i64, b: i64, depth: i32): i64 {
  return mapIndexed(a, b, depth)
}
export function b76_2(a: i64, b: i64, depth: i32): i64 {
  return filter(a, b, depth)
}
export function b77_2(a: i64, b: i64, depth: i32): i64 {
  return removeIf(a, b, depth)
}
export function b78_2(a: i64, b: i64, depth: i32): i64 {
  return reduce(a, ABSENT, b, depth)
}
export function b78_3(a: i64, b: i64, c: i64, depth: i32): i64 {
  return reduce(a, b, c, depth)
}
export function b79_2(a: i64, b: i64, depth: i32): i64 {
  return apply2(a, b, depth)
}
export function b80_2(a: i64, b: i64, depth: i32): i64 {
  return groupBy(a, b, depth)
}
export function b81_2(a: i64, b: i64, depth: i32): i64 {
  return every(a, b, depth)
}
export function b82_2(a: i64, b: i64, depth: i32): i64 {
  return some(a, b, depth)
}
export function b83_1(a: i64): i64 {
  return toBool(isInt(a))
}
export function b84_1(a: i64): i64 {
  return toBool(isFloat(a))
}
export function b85_1(a: i64): i64 {
  return toBool(isNumber(a))
}
export function b86_1(a: i64): i64 {
  return toBool(hasTag(a, T_STRING))
}
export function b87_1(a: i64): i64 {
  return toBool(hasTag(a, T_STRING))
}
export function b88_1(a: i64): i64 {
  return toBool(a == TRUE || a == FALSE)
}
export function b89_1(a: i64): i64 {
  return toBool(a == NIL)
}
export function b90_1(a: i64): i64 {
  return toBool(hasTag(a, T_MAP))
}
export function b91_1(a: i64): i64 {
  return toBool(hasTag(a, T_VECTOR))
}
export function b92_1(a: i64): i64 {
  return toBool(hasTag(a, T_LIST))
}
export function b93_1(a: i64): i64 {
  return toBool(hasTag(a, T_KEYWORD))
}
export function b94_1(a: i64): i64 {
  return FALSE
}
export function b95_1(a: i64): i64 {
  return toBool(hasTag(a, T_FUNCTION))
}
export function b96_1(a: i64): i64 {
  return text(kindName(a))
}
export function b97_1(a: i64): i64 {
  return exception(a)
}
export function b98_1(a: i64): i64 {
  return getMessage(a)
}
export function b99_1(a: i64): i64 {
  return parseJson(a)
}
export function b100_1(a: i64): i64 {
  return parseJson(a)
}
export function b101_1(a: i64): i64 {
  return serializeJson(a)
}
export function b102_1(a: i64): i64 {
  return serializeJson(a)
}
export function b103_1(a: i64): i64 {
  return serializePretty(a)
}
export function b104_1(a: i64): i64 {
  return serializePretty(a)
}
export function b105_1(a: i64): i64 {
  return a
}
export function b106_2(a: i64, b: i64): i64 {
  return NIL
}
export function b107_1(a: i64): i64 {
  return readFile()
}

const MIN: usize = memory.data<i8>([1, 1, 1, 1, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 0, 0, 1, 0, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 0, 1, 2, 2, 2, 1, 2, 1, 2, 2, 2, 0, 3, 2, 1, 3, 2, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 1])
const MAX: usize = memory.data<i8>([-1, -1, -1, -1, 2, 2, 1, 1, 1, -1, -1, 1, 1, 1, 1, 1, 1, 1, 1, -1, 2, 2, 2, 2, 2, 2, -1, -1, 1, -1, 1, 1, 1, 1, 2, 2, 3, 2, 2, 2, 2, 2, 2, -1, 1, 1, 1, 1, 1, 1, 3, 3, -1, 2, -1, 1, 2, 2, 3, 1, 2, 1, 2, 2, 2, -1, -1, -1, -1, -1, 3, 1, 1, 2, 2, 2, 2, 2, 3, -1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 1])

export function minArity(index: u32): i32 {
  return load<i8>(MIN + index)
}
/** −1: no bound. */
export function maxArity(index: u32): i32 {
  return load<i8>(MAX + index)
}

export function builtinName(index: u32): string {
  switch (index) {
    case 0: return "+"
    case 1: return "-"
    case 2: return "*"
    case 3: return "/"
    case 4: return "mod"
    case 5: return "pow"
    case 6: return "inc"
    case 7: return "dec"
    case 8: return "abs"
    case 9: return "max"
    case 10: return "min"
    case 11: return "sqrt"
    case 12: return "factorial"
    case 13: return "even?"
    case 14: return "odd?"
    case 15: return "int"
    case 16: return "float"
    case 17: return "parse-int"
    case 18: return "parse-float"
    case 19: return "="
    case 20: return "!="
    case 21: return "not="
    case 22: return "<"
    case 23: return ">"
    case 24: return "<="
    case 25: return ">="
    case 26: return "and"
    case 27: return "or"
    case 28: return "not"
    case 29: return "str"
    case 30: return "string-length"
    case 31: return "string-upper"
    case 32: return "string-lower"
    case 33: return "string-trim"
    case 34: return "string-contains"
    case 35: return "starts-with?"
    case 36: return "substring"
    case 37: return "split"
    case 38: return "join"
    case 39: return "string-join"
    case 40: return "re-matches"
    case 41: return "re-find"
    case 42: return "re-seq"
    case 43: return "vector"
    case 44: return "count"
    case 45: return "length"
    case 46: return "empty?"
    case 47: return "first"
    case 48: return "rest"
    case 49: return "last"
    case 50: return "nth"
    case 51: return "get"
    case 52: return "conj"
    case 53: return "cons"
    case 54: return "concat"
    case 55: return "reverse"
    case 56: return "take"
    case 57: return "drop"
    case 58: return "subvec"
    case 59: return "distinct"
    case 60: return "partition"
    case 61: return "sort"
    case 62: return "range"
    case 63: return "numbers"
    case 64: return "contains?"
    case 65: return "hash-map"
    case 66: return "assoc"
    case 67: return "dissoc"
    case 68: return "merge"
    case 69: return "update"
    case 70: return "get-in"
    case 71: return "keys"
    case 72: return "vals"
    case 73: return "find"
    case 74: return "map"
    case 75: return "map-indexed"
    case 76: return "filter"
    case 77: return "remove"
    case 78: return "reduce"
    case 79: return "apply"
    case 80: return "group-by"
    case 81: return "every?"
    case 82: return "some?"
    case 83: return "int?"
    case 84: return "float?"
    case 85: return "number?"
    case 86: return "string?"
    case 87: return "string-p"
    case 88: return "bool?"
    case 89: return "nil?"
    case 90: return "map?"
    case 91: return "vector?"
    case 92: return "list?"
    case 93: return "keyword?"
    case 94: return "symbol?"
    case 95: return "fn?"
    case 96: return "type-name"
    case 97: return "Exception."
    case 98: return "getMessage"
    case 99: return "parse-json"
    case 100: return "tool/parse-json"
    case 101: return "serialize-json"
    case 102: return "tool/serialize-json"
    case 103: return "serialize-json-pretty"
    case 104: return "tool/serialize-json-pretty"
    case 105: return "process-data"
    case 106: return "deftype"
    case 107: return "read-file"
    default: return "built-in"
  }
}

export function builtin0(index: u32, depth: i32): i64 {
  switch (index) {
  }
  let p = args(0)
  return spread(index, 0, p, depth)
}

export function builtin1(index: u32, a: i64, depth: i32): i64 {
  switch (index) {
    case 0: return b0_1(a)
    case 1: return b1_1(a)
    case 2: return b2_1(a)
    case 3: return b3_1(a)
    case 6: return b6_1(a)
    case 7: return b7_1(a)
    case 8: return b8_1(a)
    case 9: return b9_1(a)
    case 10: return b10_1(a)
    case 11: return b11_1(a)
    case 12: return b12_1(a)
    case 13: return b13_1(a)
    case 14: return b14_1(a)
    case 15: return b15_1(a)
    case 16: return b16_1(a)
    case 17: return b17_1(a)
    case 18: return b18_1(a)
    case 19: return b19_1(a)
    case 28: return b28_1(a)
    case 29: return b29_1(a)
    case 30: return b30_1(a)
    case 31: return b31_1(a)
    case 32: return b32_1(a)
    case 33: return b33_1(a)
    case 44: return b44_1(a)
    case 45: return b45_1(a)
    case 46: return b46_1(a)
    case 47: return b47_1(a)
    case 48: return b48_1(a)
    case 49: return b49_1(a)
    case 54: return b54_1(a)
    case 55: return b55_1(a)
    case 59: return b59_1(a)
    case 61: return b61_1(a)
    case 68: return b68_1(a)
    case 71: return b71_1(a)
    case 72: return b72_1(a)
    case 83: return b83_1(a)
    case 84: return b84_1(a)
    case 85: return b85_1(a)
    case 86: return b86_1(a)
    case 87: return b87_1(a)
    case 88: return b88_1(a)
    case 89: return b89_1(a)
    case 90: return b90_1(a)
    case 91: return b91_1(a)
    case 92: return b92_1(a)
    case 93: return b93_1(a)
    case 94: return b94_1(a)
    case 95: return b95_1(a)
    case 96: return b96_1(a)
    case 97: return b97_1(a)
    case 98: return b98_1(a)
    case 99: return b99_1(a)
    case 100: return b100_1(a)
    case 101: return b101_1(a)
    case 102: return b102_1(a)
    case 103: return b103_1(a)
    case 104: return b104_1(a)
    case 105: return b105_1(a)
    case 107: return b107_1(a)
  }
  let p = args(1)
  store<i64>(p, a, 0)
  return spread(index, 1, p, depth)
}

export function builtin2(index: u32, a: i64, b: i64, depth: i32): i64 {
  switch (index) {
    case 0: return b0_2(a, b)
    case 1: return b1_2(a, b)
    case 2: return b2_2(a, b)
    case 3: return b3_2(a, b)
    case 4: return b4_2(a, b)
    case 5: return b5_2(a, b)
    case 9: return b9_2(a, b)
    case 10: return b10_2(a, b)
    case 19: return b19_2(a, b)
    case 20: return b20_2(a, b)
    case 21: return b21_2(a, b)
    case 22: return b22_2(a, b)
    case 23: return b23_2(a, b)
    case 24: return b24_2(a, b)
    case 25: return b25_2(a, b)
    case 26: return b26_2(a, b)
    case 27: return b27_2(a, b)
    case 29: return b29_2(a, b)
    case 34: return b34_2(a, b)
    case 35: return b35_2(a, b)
    case 36: return b36_2(a, b)
    case 37: return b37_2(a, b)
    case 38: return b38_2(a, b)
    case 39: return b39_2(a, b)
    case 40: return b40_2(a, b)
    case 41: return b41_2(a, b)
    case 42: return b42_2(a, b)
    case 50: return b50_2(a, b)
    case 51: return b51_2(a, b)
    case 52: return b52_2(a, b)
    case 53: return b53_2(a, b)
    case 54: return b54_2(a, b)
    case 56: return b56_2(a, b)
    case 57: return b57_2(a, b)
    case 58: return b58_2(a, b)
    case 60: return b60_2(a, b)
    case 62: return b62_2(a, b)
    case 63: return b63_2(a, b)
    case 64: return b64_2(a, b)
    case 67: return b67_2(a, b)
    case 68: return b68_2(a, b)
    case 70: return b70_2(a, b)
    case 73: return b73_2(a, b)
    case 74: return b74_2(a, b, depth)
    case 75: return b75_2(a, b, depth)
    case 76: return b76_2(a, b, depth)
    case 77: return b77_2(a, b, depth)
    case 78: return b78_2(a, b, depth)
    case 79: return b79_2(a, b, depth)
    case 80: return b80_2(a, b, depth)
    case 81: return b81_2(a, b, depth)
    case 82: return b82_2(a, b, depth)
    case 106: return b106_2(a, b)
  }
  let p = args(2)
  store<i64>(p, a, 0)
  store<i64>(p, b, 8)
  return spread(index, 2, p, depth)
}

export function builtin3(index: u32, a: i64, b: i64, c: i64, depth: i32): i64 {
  switch (index) {
    case 29: return b29_3(a, b, c)
    case 36: return b36_3(a, b, c)
    case 50: return b50_3(a, b, c)
    case 51: return b51_3(a, b, c)
    case 58: return b58_3(a, b, c)
    case 66: return b66_3(a, b, c)
    case 69: return b69_3(a, b, c, depth)
    case 70: return b70_3(a, b, c)
    case 78: return b78_3(a, b, c, depth)
  }
  let p = args(3)
  store<i64>(p, a, 0)
  store<i64>(p, b, 8)
  store<i64>(p, c, 16)
  return spread(index, 3, p, depth)
}

export function builtin4(index: u32, a: i64, b: i64, c: i64, d: i64, depth: i32): i64 {
  switch (index) {
    case 29: return b29_4(a, b, c, d)
  }
  let p = args(4)
  store<i64>(p, a, 0)
  store<i64>(p, b, 8)
  store<i64>(p, c, 16)
  store<i64>(p, d, 24)
  return spread(index, 4, p, depth)
}

/** Arguments in memory, the count not one of the direct calls. */
function spread(index: u32, n: u32, p: usize, depth: i32): i64 {
  let min = minArity(index)
  let max = maxArity(index)
  if (<i32>n < min || (max >= 0 && <i32>n > max)) arityText(builtinName(index), min, max, n)
  switch (index) {
    case 0: return sumAll(p, n)
    case 1: return differenceAll(p, n)
    case 2: return productAll(p, n)
    case 3: return divAll(p, n)
    case 9: return maxAll(p, n)
    case 10: return minAll(p, n)
    case 19: return equalAll(p, n)
    case 26: return andAll(p, n)
    case 27: return orAll(p, n)
    case 29: return str(p, n)
    case 43: return fromValues(T_VECTOR, p, n)
    case 52: return conjAll(p, n)
    case 54: return concat(p, n)
    case 65: return hashMap(p, n)
    case 66: return assocAll(p, n)
    case 67: return dissoc(p, n)
    case 68: return merge(p, n)
    case 69: return update(p, n, depth)
    case 79: return apply(p, n, depth)
    case 97: return exception(load<i64>(p))
  }
  defect()
  return NIL
}

/** Any number of arguments in memory (from `args`, given away). */
export function builtinMany(index: u32, n: u32, p: usize, depth: i32): i64 {
  if (maxArity(index) >= 0) {
    switch (n) {
      case 1: return builtin1(index, load<i64>(p), depth)
      case 2: return builtin2(index, load<i64>(p), load<i64>(p, 8), depth)
      case 3: return builtin3(index, load<i64>(p), load<i64>(p, 8), load<i64>(p, 16), depth)
    }
  }
  return spread(index, n, p, depth)
}
