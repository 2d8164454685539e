// Checks of declared types: a small interpreter over the descriptors that the emitter lays down (README §5).
import { charge, defect, newOwner } from "./memory"
import {
  ABSENT, aux, hasTag, isFloat, isInt, isNumber, NIL, tag, T_BOOL, T_FUNCTION, T_KEYWORD, T_LIST, T_MAP, T_STRING, T_VECTOR
} from "./value"
import { E_VALIDATION, fail, kindName } from "./error"
import { begin, finish, put, putBytes } from "./output"
import { keyword, passing, scalars } from "./string"
import { at, push, vectorNew } from "./vector"
import { entries, lookup, mapNew, put as putEntry } from "./map"
import { equal } from "./order"
import { less } from "./number"
import { decodeItem, itemEnd } from "./codec"
import { searchPattern } from "./regex"

let cursor: usize = 0

function varint(): u32 {
  let n: u32 = 0
  for (let shift: u32 = 0; shift < 35; shift += 7) {
    let b: u32 = load<u8>(cursor++)
    n |= (b & 127) << shift
    if (b < 128) break
  }
  return n
}

// Literals decoded so far, by address: values are constants, so each is made once.
let literals: i64 = 0
let owner: u32 = 0

/** The literal at the cursor. */
function literal(): i64 {
  if (literals == 0) {
    literals = mapNew()
    owner = newOwner()
  }
  let key = <i64>(<u64>cursor << 1) | 1
  let known = lookup(literals, key)
  if (known != ABSENT) {
    let end = at(known, 1)
    cursor = <usize>(end >> 1)
    return at(known, 0)
  }
  let v = decodeItem(cursor)
  cursor = itemEnd()
  let both = vectorNew()
  push(both, v)
  push(both, <i64>(<u64>cursor << 1) | 1)
  literals = putEntry(literals, key, both, owner)
  return v
}

/** Walks past one type without checking anything. */
function skip(): void {
  let op: u32 = load<u8>(cursor++)
  switch (op) {
    case 0x10:
    case 0x19:
      skip()
      return
    case 0x11:
    case 0x14:
    case 0x15: {
      for (let n = varint(); n > 0; n--) skip()
      return
    }
    case 0x12: {
      for (let n = varint(); n > 0; n--) {
        cursor++
        let length = varint()
        cursor += length
        skip()
      }
      return
    }
    case 0x13:
      skip()
      skip()
      return
    case 0x16:
    case 0x39: {
      for (let n = varint(); n > 0; n--) literal()
      return
    }
    case 0x18:
      varint()
      skip()
      return
    case 0x26:
      literal()
      literal()
      return
    case 0x17:
    case 0x20:
    case 0x21:
    case 0x22:
    case 0x23:
    case 0x24:
    case 0x25:
    case 0x33:
    case 0x38:
      literal()
      return
    case 0x30:
    case 0x31:
    case 0x32:
    case 0x34:
    case 0x35:
    case 0x36:
      varint()
  }
}

/** Whether both are integers or both are floats. */
function sameNumbers(a: i64, b: i64): bool {
  return (isInt(a) && isInt(b)) || (isFloat(a) && isFloat(b))
}

/** −1 if `v` is no collection or string, else its size. */
function sizeOf(v: i64): i64 {
  switch (tag(v)) {
    case T_STRING: return scalars(v)
    case T_VECTOR:
    case T_LIST:
    case T_MAP: return aux(v)
    default: return -1
  }
}

/** Checks `v` against the type at the cursor and moves past it. */
function check(v: i64): bool {
  charge(1)
  let op: u32 = load<u8>(cursor++)
  switch (op) {
    case 0x00: return true
    case 0x01: return false
    case 0x02: return isInt(v)
    case 0x03: return isNumber(v)
    case 0x04: return hasTag(v, T_STRING)
    case 0x05: return tag(v) == T_BOOL
    case 0x06: return v == NIL
    case 0x07: return hasTag(v, T_KEYWORD)
    case 0x08: return false
    case 0x09: return hasTag(v, T_FUNCTION)
    case 0x10: return hasTag(v, T_VECTOR) ? each(v) : pass()
    case 0x11: return tuple(v)
    case 0x12: return mapOf(v)
    case 0x13: return pairs(v)
    case 0x14: {
      let yes = false
      for (let n = varint(); n > 0; n--) {
        if (yes) skip()
        else yes = check(v)
      }
      return yes
    }
    case 0x15: {
      let yes = true
      for (let n = varint(); n > 0; n--) {
        if (yes) yes = check(v)
        else skip()
      }
      return yes
    }
    case 0x16: {
      let yes = false
      for (let n = varint(); n > 0; n--) if (equal(literal(), v)) yes = true
      return yes
    }
    case 0x17: return equal(literal(), v)
    case 0x18: {
      let length = varint()
      if (!hasTag(v, T_VECTOR) || (length && aux(v) != length - 1)) return pass()
      return each(v)
    }
    case 0x19: return v == NIL ? !pass() : check(v)
    default: return refine(op, v)
  }
}

/** Skips one type; answers false. */
function pass(): bool {
  skip()
  return false
}

/** Every element against the one type at the cursor. */
function each(v: i64): bool {
  let n = aux(v)
  let type = cursor
  for (let i: u32 = 0; i < n; i++) {
    cursor = type
    if (!check(at(v, i))) {
      cursor = type
      return pass()
    }
  }
  if (n == 0) skip()
  return true
}

function tuple(v: i64): bool {
  let n = varint()
  let yes = hasTag(v, T_VECTOR) && aux(v) == n
  for (let i: u32 = 0; i < n; i++) {
    if (yes) yes = check(at(v, i))
    else skip()
  }
  return yes
}

function mapOf(v: i64): bool {
  let yes = hasTag(v, T_MAP)
  for (let n = varint(); n > 0; n--) {
    let flags: u32 = load<u8>(cursor++)
    let length = varint()
    let text = cursor
    cursor += length
    if (!yes) {
      skip()
      continue
    }
    let found = lookup(v, keyword(text, length))
    if (found == ABSENT && !(flags & 2)) found = lookup(v, passing(text, length))
    if (found == ABSENT) {
      skip()
      if (!(flags & 1)) yes = false
    } else yes = check(found)
  }
  return yes
}

function pairs(v: i64): bool {
  let yes = hasTag(v, T_MAP)
  let n = yes ? aux(v) : 0
  let type = cursor
  let p = n ? entries(v) : 0
  for (let i: u32 = 0; i < n && yes; i++, p += 16) {
    cursor = type
    yes = check(load<i64>(p))
    if (yes) yes = check(load<i64>(p, 8))
  }
  cursor = type
  skip()
  skip()
  return yes
}

function refine(op: u32, v: i64): bool {
  if (op >= 0x20 && op <= 0x25) {
    let n = literal()
    if (!sameNumbers(v, n)) return false
    switch (op) {
      case 0x20: return less(n, v)
      case 0x21: return less(v, n)
      case 0x22: return less(n, v) || equal(n, v)
      case 0x23: return less(v, n) || equal(n, v)
      case 0x24: return equal(v, n)
      default: return !equal(v, n)
    }
  }
  switch (op) {
    case 0x26: {
      let low = literal()
      let high = literal()
      if (!sameNumbers(v, low) || !sameNumbers(v, high)) return false
      return (less(low, v) || equal(low, v)) && (less(v, high) || equal(v, high))
    }
    case 0x30:
    case 0x31:
    case 0x32: {
      let n = varint()
      if (!hasTag(v, T_STRING)) return false
      let size = scalars(v)
      return op == 0x30 ? size >= n : op == 0x31 ? size <= n : size == n
    }
    case 0x33: {
      let pattern = literal()
      return hasTag(v, T_STRING) && searchPattern(pattern, v)
    }
    case 0x34:
    case 0x35:
    case 0x36: {
      let n = <i64>varint()
      let size = sizeOf(v)
      if (size < 0) return false
      return op == 0x34 ? size >= n : op == 0x35 ? size <= n : size == n
    }
    case 0x37: return sizeOf(v) > 0
    case 0x38: {
      let k = literal()
      return hasTag(v, T_MAP) && lookup(v, k) != ABSENT
    }
    case 0x39: {
      let yes = hasTag(v, T_MAP)
      for (let n = varint(); n > 0; n--) {
        let k = literal()
        if (yes && lookup(v, k) == ABSENT) yes = false
      }
      return yes
    }
  }
  defect()
  return false
}

/** Moves past the text for messages. */
function start(type: usize): void {
  cursor = type
  let n = varint()
  cursor += n
}

export function checkType(v: i64, type: usize): bool {
  start(type)
  return check(v)
}

function refuse(v: i64, type: usize): void {
  cursor = type
  let n = varint()
  begin()
  put("Type validation failed: expected ")
  if (n) putBytes(cursor, n)
  else put("the declared type")
  put(", got ")
  put(kindName(v))
  fail(E_VALIDATION, finish())
}

export function expectType(v: i64, type: usize): i64 {
  if (!checkType(v, type)) refuse(v, type)
  return v
}

export function expectElements(v: i64, type: usize): void {
  let n = aux(v)
  for (let i: u32 = 0; i < n; i++) {
    let x = at(v, i)
    if (!checkType(x, type)) refuse(x, type)
  }
}
