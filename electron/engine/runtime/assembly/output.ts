// The one growing buffer in which texts and canonical bytes are written. Writing never calls user code, so one is enough;
// scratch space may be taken meanwhile (the buffer then moves when it grows).
import { alloc, chargeBytes, extend, mark, outOfMemory, release } from "./memory"
import { makeString } from "./string"
import { ptr } from "./value"

let start: usize = 0
let length: u32 = 0
let capacity: u32 = 0

export function begin(): void {
  capacity = 64
  start = alloc(64)
  length = 0
}

// @ts-ignore: decorator
@inline const PIECE: u32 = 256
const piece: usize = memory.data(256, 8)

/** As `begin`, for what is copied at once to where it stays: takes no memory while it is short. Ends without `finish`. */
export function beginPiece(): void {
  capacity = PIECE
  start = piece
  length = 0
}

/** As `beginPiece`, written at once where it is to stay if `n` bytes are enough. */
export function beginAt(p: usize, n: u32): void {
  capacity = n
  start = p
  length = 0
}

function more(needed: u32): void {
  let wanted = capacity * 2
  if (wanted < needed) wanted = needed
  // What begins inside a string's buffer may begin anywhere, and blocks must not.
  if (start & 7 || !extend(start, capacity, wanted)) {
    let moved = alloc(wanted)
    memory.copy(moved, start, length)
    start = moved
  }
  capacity = wanted
}

/** Room for `n` more bytes; answers where to write them. They count as written. */
export function room(n: u32): usize {
  let needed = length + n
  if (needed < n || needed > 0x70000000) outOfMemory()
  if (needed > capacity) more(needed)
  let p = start + length
  length = needed
  return p
}

// @ts-ignore: decorator
@inline
export function putByte(b: u32): void {
  store<u8>(room(1), b)
}

export function putBytes(p: usize, n: u32): void {
  let to = room(n)
  if (n < 24) {
    // The bulk instruction costs more than a short loop; short pieces are paid for together, by `finish`.
    for (let end = p + n; p < end; p++, to++) store<u8>(to, load<u8>(p))
    return
  }
  chargeBytes(n)
  memory.copy(to, p, n)
}

/** An ASCII literal. */
export function put(s: string): void {
  let p = changetype<usize>(s)
  let n = load<u32>(p - 4) >> 1
  let to = room(n)
  for (let i: u32 = 0; i < n; i++) store<u8>(to + i, load<u16>(p + (i << 1)))
}

/** Bytes of a string or keyword. */
export function putText(v: i64): void {
  putBytes(load<u32>(ptr(v), 16), load<u32>(ptr(v), 4))
}

export function putInt(n: i64): void {
  let rest: u64 = n < 0 ? <u64>(-n) : <u64>n
  if (n < 0) putByte(45)
  if (rest < 10) {
    putByte(48 + <u32>rest)
    return
  }
  if (rest < 1000000000) {
    let left = <u32>rest
    let many =
      2 + <u32>(left >= 100) + <u32>(left >= 1000) + <u32>(left >= 10000) + <u32>(left >= 100000) + <u32>(left >= 1000000) + <u32>(left >= 10000000) + <u32>(left >= 100000000)
    for (let p = room(many) + many - 1; many > 0; many--, p--) {
      let next = left / 10
      store<u8>(p, 48 + left - next * 10)
      left = next
    }
    return
  }
  let digits: u32 = 1
  for (let bound: u64 = 10; digits < 20 && rest >= bound; bound *= 10) {
    digits++
    if (digits == 20) break
  }
  let at = room(digits) + digits
  // Division of 64 bits is slow: three steps at most, the rest in 32 bits.
  while (rest > 0xffffffff) {
    let low = <u32>(rest % 1000000000)
    rest /= 1000000000
    for (let k = 0; k < 9; k++) {
      store<u8>(--at, 48 + (low % 10))
      low /= 10
    }
  }
  let low = <u32>rest
  do {
    store<u8>(--at, 48 + (low % 10))
    low /= 10
  } while (low)
}

/** A scalar as UTF-8. */
export function putScalar(c: u32): void {
  if (c < 0x80) {
    putByte(c)
  } else if (c < 0x800) {
    let p = room(2)
    store<u8>(p, 0xc0 | (c >> 6))
    store<u8>(p, 0x80 | (c & 63), 1)
  } else if (c < 0x10000) {
    let p = room(3)
    store<u8>(p, 0xe0 | (c >> 12))
    store<u8>(p, 0x80 | ((c >> 6) & 63), 1)
    store<u8>(p, 0x80 | (c & 63), 2)
  } else {
    let p = room(4)
    store<u8>(p, 0xf0 | (c >> 18))
    store<u8>(p, 0x80 | ((c >> 12) & 63), 1)
    store<u8>(p, 0x80 | ((c >> 6) & 63), 2)
    store<u8>(p, 0x80 | (c & 63), 3)
  }
}

export function written(): u32 {
  return length
}

/** Where the bytes are now; moves with the next write. */
export function bytes(): usize {
  return start
}

/** Forgets the last `n` bytes written. */
export function unwrite(n: u32): void {
  length -= n
}

/** What was written, as a string value. Spare room is given back. */
export function finish(): i64 {
  chargeBytes(length)
  if (start + capacity == mark()) release(start + ((length + 7) & ~7))
  return makeString(start, length)
}
