// JSON, both ways.
import { charge, chargeBytes, newOwner } from "./memory"
import {
  ABSENT, aux, FALSE, float, hasTag, int, isSmall, NIL, tag, TRUE, T_BOOL, T_FLOAT, T_INT, T_KEYWORD, T_MAP, T_NIL, T_STRING, T_VECTOR,
  unboxFloat, unboxInt
} from "./value"
import { begin, finish, put as write, putByte, putBytes, putInt, putScalar, room, written } from "./output"
import { E_RUNTIME, fail, kindName, runtimeError } from "./error"
import { bytesOf, knownKeyword, makeString } from "./string"
import { needString } from "./text"
import { at, push, vectorNew } from "./vector"
import { disown, entries, lookup, mapNew, put } from "./map"
import { putJsonFloat } from "./print"
import { parseFloat64, parseInt64, parsed } from "./decimal"
import { NESTING_MAX } from "./order"

let cursor: usize = 0
let limit: usize = 0

function bad(): void {
  runtimeError("invalid JSON")
}

function skip(): void {
  while (cursor < limit) {
    let b: u32 = load<u8>(cursor)
    if (b != 32 && b != 10 && b != 13 && b != 9) return
    cursor++
  }
}

function peek(): u32 {
  return cursor < limit ? load<u8>(cursor) : 0
}

export function parseJson(v: i64): i64 {
  needString("parse-json", v)
  chargeBytes(aux(v))
  cursor = bytesOf(v)
  limit = cursor + aux(v)
  let result = value(0)
  skip()
  if (cursor != limit) bad()
  return result
}

function literal(s: string, v: i64): i64 {
  let p = changetype<usize>(s)
  let n = load<u32>(p - 4) >> 1
  for (let i: u32 = 0; i < n; i++) {
    if (peek() != load<u16>(p + (i << 1))) bad()
    cursor++
  }
  return v
}

function value(depth: u32): i64 {
  charge(1)
  if (depth > NESTING_MAX) runtimeError("JSON is nested too deeply")
  skip()
  switch (peek()) {
    case 110: return literal("null", NIL)
    case 116: return literal("true", TRUE)
    case 102: return literal("false", FALSE)
    case 34: return quoted()
    case 91: return array(depth)
    case 123: return object(depth)
    default: return number()
  }
}

function digitsFrom(): void {
  if (peek() - 48 > 9) bad()
  while (peek() - 48 < 10) cursor++
}

function number(): i64 {
  let start = cursor
  let negative = peek() == 45
  if (negative) cursor++
  if (peek() == 48) cursor++
  else digitsFrom()
  let whole = true
  if (peek() == 46) {
    whole = false
    cursor++
    digitsFrom()
  }
  if ((peek() | 32) == 101) {
    whole = false
    cursor++
    if (peek() == 45 || peek() == 43) cursor++
    digitsFrom()
  }
  if (whole) {
    let n = parseInt64(start, cursor)
    if (parsed()) return int(n)
  }
  let x = parseFloat64(negative ? start + 1 : start, cursor)
  if (x == Infinity) runtimeError("number in JSON out of range")
  return float(negative ? -x : x)
}

/** Four hexadecimal digits. */
function hex4(): u32 {
  if (limit - cursor < 4) bad()
  let n: u32 = 0
  for (let i = 0; i < 4; i++) {
    let b: u32 = load<u8>(cursor++)
    let d = b - 48
    if (d > 9) {
      d = (b | 32) - 97
      if (d > 5) bad()
      d += 10
    }
    n = (n << 4) | d
  }
  return n
}

function quoted(): i64 {
  cursor++
  let start = cursor
  while (cursor < limit) {
    let b: u32 = load<u8>(cursor)
    if (b == 34) return makeString(start, <u32>(cursor++ - start))
    if (b < 32) bad()
    if (b == 92) break
    cursor++
  }
  begin()
  putBytes(start, <u32>(cursor - start))
  while (cursor < limit) {
    let b: u32 = load<u8>(cursor++)
    if (b == 34) return finish()
    if (b < 32) bad()
    if (b != 92) {
      putByte(b)
      continue
    }
    if (cursor >= limit) break
    b = load<u8>(cursor++)
    switch (b) {
      case 34:
      case 92:
      case 47:
        putByte(b)
        break
      case 98:
        putByte(8)
        break
      case 102:
        putByte(12)
        break
      case 110:
        putByte(10)
        break
      case 114:
        putByte(13)
        break
      case 116:
        putByte(9)
        break
      case 117: {
        let c = hex4()
        if (c >= 0xd800 && c < 0xe000) {
          // Only a pair of surrogates is a scalar.
          if (c >= 0xdc00 || limit - cursor < 2 || load<u16>(cursor) != 0x755c) bad()
          cursor += 2
          let low = hex4()
          if (low < 0xdc00 || low > 0xdfff) bad()
          c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00)
        }
        putScalar(c)
        break
      }
      default:
        bad()
    }
  }
  bad()
  return NIL
}

function array(depth: u32): i64 {
  cursor++
  let out = vectorNew()
  skip()
  if (peek() == 93) {
    cursor++
    return out
  }
  while (true) {
    push(out, value(depth + 1))
    skip()
    let b = peek()
    cursor++
    if (b == 93) return out
    if (b != 44) bad()
  }
}

function object(depth: u32): i64 {
  cursor++
  let m = mapNew()
  let owner = newOwner()
  skip()
  if (peek() == 125) {
    cursor++
    return m
  }
  while (true) {
    skip()
    if (peek() != 34) bad()
    let k = quoted()
    skip()
    if (peek() != 58) bad()
    cursor++
    m = put(m, k, value(depth + 1), owner)
    skip()
    let b = peek()
    cursor++
    if (b == 125) return disown(m)
    if (b != 44) bad()
  }
}

// Indentation: 0 for compact text.
let indent: u32 = 0

function newLine(depth: u32): void {
  if (indent == 0) return
  putByte(10)
  let n = depth * indent
  memory.fill(room(n), 32, n)
}

function putQuoted(p: usize, n: u32): void {
  putByte(34)
  let from: u32 = 0
  for (let i: u32 = 0; i < n; i++) {
    let b: u32 = load<u8>(p + i)
    if (b >= 32 && b != 34 && b != 92) continue
    putBytes(p + from, i - from)
    from = i + 1
    putByte(92)
    switch (b) {
      case 8:
        putByte(98)
        break
      case 9:
        putByte(116)
        break
      case 10:
        putByte(110)
        break
      case 12:
        putByte(102)
        break
      case 13:
        putByte(114)
        break
      case 34:
      case 92:
        putByte(b)
        break
      default:
        write("u00")
        putByte(48 + (b >> 4))
        putByte((b & 15) < 10 ? 48 + (b & 15) : 87 + (b & 15))
    }
  }
  putBytes(p + from, n - from)
  putByte(34)
}

function putJson(v: i64, depth: u32): void {
  charge(1)
  switch (tag(v)) {
    case T_NIL:
      write("null")
      return
    case T_BOOL:
      write(v == TRUE ? "true" : "false")
      return
    case T_INT:
      putInt(unboxInt(v))
      return
    case T_FLOAT: {
      let x = unboxFloat(v)
      if (x - x != 0) runtimeError("JSON has no NaN or infinity")
      putJsonFloat(x)
      return
    }
    case T_STRING:
      putQuoted(bytesOf(v), aux(v))
      return
    case T_VECTOR:
      putArray(v, depth)
      return
    case T_MAP:
      putObject(v, depth)
      return
    default:
      begin()
      write("Runtime error: JSON has no ")
      write(kindName(v))
      fail(E_RUNTIME, finish())
  }
}

function putArray(v: i64, depth: u32): void {
  if (depth >= NESTING_MAX) runtimeError("JSON is nested too deeply")
  let n = aux(v)
  putByte(91)
  for (let i: u32 = 0; i < n; i++) {
    if (i) putByte(44)
    newLine(depth + 1)
    putJson(at(v, i), depth + 1)
  }
  if (n) newLine(depth)
  putByte(93)
}

/** Text of a key as JSON has it. */
function keyText(k: i64): i64 {
  if (isSmall(k) || hasTag(k, T_INT)) return keyDigits(unboxInt(k))
  return k
}

// Decimal text of an integer key, written from the right.
const keyBuffer: usize = memory.data(24, 8)

function keyDigits(n: i64): i64 {
  let rest: u64 = n < 0 ? <u64>(-n) : <u64>n
  let at = keyBuffer + 24
  do {
    at--
    store<u8>(at, 48 + <u32>(rest % 10))
    rest /= 10
  } while (rest)
  if (n < 0) store<u8>(--at, 45)
  return makeString(at, <u32>(keyBuffer + 24 - at))
}

/** Whether a later entry of the same text follows an entry: an integer is hidden by its string or keyword, a string by its keyword. */
function hidden(m: i64, k: i64): bool {
  if (hasTag(k, T_KEYWORD)) return false
  let integer = isSmall(k) || hasTag(k, T_INT)
  let name = keyText(k)
  if (integer && lookupText(m, name, T_STRING)) return true
  return lookupText(m, name, T_KEYWORD)
}

function putObject(m: i64, depth: u32): void {
  if (depth >= NESTING_MAX) runtimeError("JSON is nested too deeply")
  let n = aux(m)
  let p = entries(m)
  let any = false
  let mixed = n > 0 && kindOfKey(load<i64>(p)) != kindOfKey(load<i64>(p + ((n - 1) << 4)))
  putByte(123)
  for (let end = p + (n << 4); p < end; p += 16) {
    let k = load<i64>(p)
    if (mixed && hidden(m, k)) continue
    if (any) putByte(44)
    any = true
    newLine(depth + 1)
    let name = keyText(k)
    putQuoted(bytesOf(name), aux(name))
    putByte(58)
    if (indent) putByte(32)
    putJson(load<i64>(p, 8), depth + 1)
  }
  if (any) newLine(depth)
  putByte(125)
}

function kindOfKey(k: i64): u32 {
  return tag(k)
}

function lookupText(m: i64, name: i64, t: u32): bool {
  if (t == T_KEYWORD) {
    name = knownKeyword(bytesOf(name), aux(name))
    if (name == NIL) return false
  }
  return lookup(m, name) != ABSENT
}

function serialize(v: i64, step: u32): i64 {
  indent = step
  begin()
  putJson(v, 0)
  return finish()
}

export function serializeJson(v: i64): i64 {
  return serialize(v, 0)
}

export function serializePretty(v: i64): i64 {
  return serialize(v, 2)
}
