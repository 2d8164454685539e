// Floats as decimal text, both ways, exactly: shortest digits that read back as the same float, and correct rounding of any text.
// A fast path covers up to 15 digits; everything else is decided by big integers, so nothing here is approximate.
import { charge } from "./memory"
import { aux } from "./value"
import { bytesOf } from "./string"
import { trimmedEnd, trimmedStart } from "./unicode"

// Big integers: number of limbs @0, little-endian u32 limbs from @4. 256 limbs hold 10^1130 and 800 digits with room.
const bigR: usize = memory.data(1032, 8)
const bigS: usize = memory.data(1032, 8)
const bigUp: usize = memory.data(1032, 8)
const bigDown: usize = memory.data(1032, 8)
const bigSum: usize = memory.data(1032, 8)

function setBig(a: usize, n: u64): void {
  store<u32>(a, <u32>n, 4)
  store<u32>(a, <u32>(n >> 32), 8)
  store<u32>(a, n == 0 ? 0 : n >> 32 ? 2 : 1)
}

function copyBig(to: usize, from: usize): void {
  memory.copy(to, from, 4 + (load<u32>(from) << 2))
}

/** a = a × m + add. */
function mulBig(a: usize, m: u32, add: u32): void {
  let n = load<u32>(a)
  let carry: u64 = add
  for (let i: u32 = 0; i < n; i++) {
    carry += <u64>load<u32>(a + (i << 2), 4) * m
    store<u32>(a + (i << 2), <u32>carry, 4)
    carry >>= 32
  }
  if (carry) {
    store<u32>(a + (n << 2), <u32>carry, 4)
    store<u32>(a, n + 1)
  }
}

function powTen(a: usize, e: u32): void {
  for (; e >= 9; e -= 9) mulBig(a, 1000000000, 0)
  for (; e > 0; e--) mulBig(a, 10, 0)
}

function shiftBig(a: usize, bits: u32): void {
  let n = load<u32>(a)
  if (n == 0) return
  let limbs = bits >> 5
  if (limbs) {
    memory.copy(a + 4 + (limbs << 2), a + 4, n << 2)
    memory.fill(a + 4, 0, limbs << 2)
    n += limbs
    store<u32>(a, n)
  }
  bits &= 31
  if (bits) mulBig(a, 1 << bits, 0)
}

function compareBig(a: usize, b: usize): i32 {
  let n = load<u32>(a)
  let m = load<u32>(b)
  if (n != m) return n < m ? -1 : 1
  for (let i = n; i > 0; i--) {
    let x = load<u32>(a + (i << 2))
    let y = load<u32>(b + (i << 2))
    if (x != y) return x < y ? -1 : 1
  }
  return 0
}

/** a = a − b, for a ≥ b. */
function subBig(a: usize, b: usize): void {
  let n = load<u32>(a)
  let m = load<u32>(b)
  let borrow: i64 = 0
  for (let i: u32 = 0; i < n; i++) {
    let d = <i64>load<u32>(a + (i << 2), 4) - (i < m ? <i64>load<u32>(b + (i << 2), 4) : 0) + borrow
    store<u32>(a + (i << 2), <u32>d, 4)
    borrow = d >> 32
  }
  while (n > 0 && load<u32>(a + (n << 2)) == 0) n--
  store<u32>(a, n)
}

/** to = a + b. */
function addBig(to: usize, a: usize, b: usize): void {
  let n = load<u32>(a)
  let m = load<u32>(b)
  let most = max(n, m)
  let carry: u64 = 0
  for (let i: u32 = 0; i < most; i++) {
    if (i < n) carry += load<u32>(a + (i << 2), 4)
    if (i < m) carry += load<u32>(b + (i << 2), 4)
    store<u32>(to + (i << 2), <u32>carry, 4)
    carry >>= 32
  }
  if (carry) {
    store<u32>(to + (most << 2), <u32>carry, 4)
    most++
  }
  store<u32>(to, most)
}

function bitsBig(a: usize): i32 {
  let n = load<i32>(a)
  return n == 0 ? 0 : (n << 5) - <i32>clz<u32>(load<u32>(a + (<u32>n << 2)))
}

const digitBuffer: usize = memory.data(32, 8)
let digitCount: i32 = 0
let decimalPoint: i32 = 0

/** Address of the digits last made by `shortest`, as ASCII. */
export function digits(): usize {
  return digitBuffer
}

export function digitTotal(): i32 {
  return digitCount
}

/** The value is 0.DIGITS × 10^point. */
export function point(): i32 {
  return decimalPoint
}

const tens: usize = memory.data<f64>([
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22
])

function tenTo(k: i32): f64 {
  return load<f64>(tens + (k << 3))
}

/** Digits of an integer, its decimal point `fraction` places from the right. */
function plainDigits(n: u64, fraction: i32): void {
  let count = 1
  for (let probe = n; probe >= 10; probe /= 10) count++
  digitCount = count
  decimalPoint = count - fraction
  for (let i = count - 1; i >= 0; i--) {
    store<u8>(digitBuffer + i, 48 + <u32>(n % 10))
    n /= 10
  }
  while (digitCount > 1 && load<u8>(digitBuffer + digitCount - 1) == 48) digitCount--
}

/** Shortest digits that read back as `x` (finite, > 0), the closest of the shortest. */
export function shortest(x: f64): void {
  if (x < 9007199254740992.0 && x == trunc<f64>(x)) {
    plainDigits(<u64>x, 0)
    return
  }
  // With 10^k exact and r below 10^15, r / 10^k is what the text "r × 10^-k" reads as; no two such texts read as the same float.
  for (let k = 1; k <= 22; k++) {
    let scaled = x * tenTo(k)
    if (scaled >= 1e15) break
    let r = nearest<f64>(scaled)
    if (r > 0 && r / tenTo(k) == x) {
      plainDigits(<u64>r, k)
      return
    }
  }
  exactDigits(x)
}

/** Free-format generation by Steele and White: all quantities are integers over the common denominator S. */
function exactDigits(x: f64): void {
  let bits = reinterpret<u64>(x)
  let e = <i32>(bits >> 52) & 0x7ff
  let f = bits & 0xfffffffffffff
  let narrow = f == 0 && e > 1
  if (e == 0) e = 1
  else f |= 0x10000000000000
  e -= 1075
  let even = (f & 1) == 0
  let extra: u32 = narrow ? 2 : 1
  setBig(bigR, f)
  setBig(bigS, 1)
  setBig(bigUp, 1)
  if (e >= 0) {
    shiftBig(bigR, <u32>e + extra)
    shiftBig(bigS, extra)
    shiftBig(bigUp, <u32>e)
  } else {
    shiftBig(bigR, extra)
    shiftBig(bigS, <u32>(-e) + extra)
  }
  copyBig(bigDown, bigUp)
  if (narrow) shiftBig(bigUp, 1)
  // log10 of the float, never too large by one or more.
  let k = <i32>ceil<f64>(<f64>(e + 63 - <i32>clz<u64>(f)) * 0.3010299956639812 - 1e-9)
  if (k >= 0) powTen(bigS, k)
  else {
    powTen(bigR, -k)
    powTen(bigUp, -k)
    powTen(bigDown, -k)
  }
  addBig(bigSum, bigR, bigUp)
  let order = compareBig(bigSum, bigS)
  if (order > 0 || (order == 0 && even)) k++
  else {
    mulBig(bigR, 10, 0)
    mulBig(bigUp, 10, 0)
    mulBig(bigDown, 10, 0)
  }
  decimalPoint = k
  let count = 0
  while (true) {
    let d: u32 = 0
    while (compareBig(bigR, bigS) >= 0) {
      subBig(bigR, bigS)
      d++
    }
    let low = compareBig(bigR, bigDown)
    addBig(bigSum, bigR, bigUp)
    let high = compareBig(bigSum, bigS)
    let isLow = low < 0 || (low == 0 && even)
    let isHigh = high > 0 || (high == 0 && even)
    if (isLow || isHigh) {
      if (isHigh) {
        let up = true
        if (isLow) {
          addBig(bigSum, bigR, bigR)
          let half = compareBig(bigSum, bigS)
          up = half > 0 || (half == 0 && (d & 1) != 0)
        }
        if (up) d++
      }
      store<u8>(digitBuffer + count, 48 + d)
      count++
      break
    }
    store<u8>(digitBuffer + count, 48 + d)
    count++
    mulBig(bigR, 10, 0)
    mulBig(bigUp, 10, 0)
    mulBig(bigDown, 10, 0)
  }
  digitCount = count
  charge(count)
}

let ok: bool = false

/** Whether the last parse read a number. */
export function parsed(): bool {
  return ok
}

/** Integer of a trimmed text `[+-] digits`; fails (see `parsed`) on anything else and outside 64 bits. */
export function parseIntText(v: i64): i64 {
  let p = bytesOf(v)
  let end = trimmedEnd(p, p + aux(v))
  p = trimmedStart(p, end)
  return parseInt64(p, end)
}

export function parseInt64(p: usize, end: usize): i64 {
  ok = false
  let negative = false
  if (p < end && (load<u8>(p) == 45 || load<u8>(p) == 43)) {
    negative = load<u8>(p) == 45
    p++
  }
  if (p == end) return 0
  let n: u64 = 0
  let most: u64 = negative ? 0x8000000000000000 : 0x7fffffffffffffff
  for (; p < end; p++) {
    let d = <u32>load<u8>(p) - 48
    if (d > 9 || n > 922337203685477580) return 0
    n = n * 10 + d
    if (n > most) return 0
  }
  ok = true
  return negative ? <i64>(0 - n) : <i64>n
}

function lower(p: usize): u32 {
  return load<u8>(p) | 32
}

/** inf, infinity, nan in any case. */
function special(p: usize, end: usize): f64 {
  let n = end - p
  if (n == 3 || n == 8) {
    if (lower(p) == 105 && lower(p + 1) == 110 && lower(p + 2) == 102) {
      if (n == 3) ok = true
      else ok = lower(p + 3) == 105 && lower(p + 4) == 110 && lower(p + 5) == 105 && lower(p + 6) == 116 && lower(p + 7) == 121
      return Infinity
    }
    if (n == 3 && lower(p) == 110 && lower(p + 1) == 97 && lower(p + 2) == 110) {
      ok = true
      return NaN
    }
  }
  return 0
}

/** Float of a trimmed text: sign, digits with an optional point, optional exponent; also inf, infinity and nan. */
export function parseFloatText(v: i64): f64 {
  let p = bytesOf(v)
  let end = trimmedEnd(p, p + aux(v))
  p = trimmedStart(p, end)
  ok = false
  let negative = false
  if (p < end && (load<u8>(p) == 45 || load<u8>(p) == 43)) {
    negative = load<u8>(p) == 45
    p++
  }
  if (p == end) return 0
  let b: u32 = load<u8>(p)
  let x = b > 57 ? special(p, end) : parseFloat64(p, end)
  return negative ? -x : x
}

// @ts-ignore: decorator
@inline const DIGITS_MAX: i32 = 800

/** Float of `digits [. digits] [e [sign] digits]` without sign; correctly rounded. */
export function parseFloat64(p: usize, end: usize): f64 {
  ok = false
  charge(<i64>((end - p + 31) >> 5))
  setBig(bigR, 0)
  let mantissa: u64 = 0
  let significant: i32 = 0
  let exponent: i64 = 0
  let any = false
  let lost = false
  let inFraction = false
  let chunk: u32 = 0
  let chunkScale: u32 = 1
  let big = false
  for (; p < end; p++) {
    let b: u32 = load<u8>(p)
    if (b == 46) {
      if (inFraction) return 0
      inFraction = true
      continue
    }
    let d = b - 48
    if (d > 9) break
    any = true
    if (inFraction) exponent--
    if (significant == 0 && d == 0) continue
    if (significant < 19) mantissa = mantissa * 10 + d
    if (significant >= DIGITS_MAX) {
      if (d) lost = true
      exponent++
      continue
    }
    if (significant == 19) {
      setBig(bigR, mantissa)
      big = true
    }
    if (big) {
      chunk = chunk * 10 + d
      chunkScale *= 10
      if (chunkScale == 1000000000) {
        mulBig(bigR, chunkScale, chunk)
        chunk = 0
        chunkScale = 1
      }
    }
    significant++
  }
  if (!any) return 0
  if (p < end) {
    if (lower(p) != 101) return 0
    p++
    let minus = false
    if (p < end && (load<u8>(p) == 45 || load<u8>(p) == 43)) {
      minus = load<u8>(p) == 45
      p++
    }
    if (p == end) return 0
    let e: i64 = 0
    for (; p < end; p++) {
      let d = <u32>load<u8>(p) - 48
      if (d > 9) return 0
      if (e < 100000000000) e = e * 10 + d
    }
    exponent += minus ? -e : e
  }
  ok = true
  if (significant == 0) return 0
  if (!big && mantissa < 9007199254740992) {
    if (exponent == 0) return <f64>mantissa
    if (exponent > 0 && exponent <= 22) {
      let x = <f64>mantissa * tenTo(<i32>exponent)
      // Exact if the product is; otherwise one rounding of an exact factor, which is what is wanted.
      return x
    }
    if (exponent < 0 && exponent >= -22) return <f64>mantissa / tenTo(<i32>-exponent)
  }
  let magnitude = exponent + significant
  if (magnitude > 310) return Infinity
  if (magnitude < -330) return 0
  if (!big) setBig(bigR, mantissa)
  else if (chunkScale > 1) mulBig(bigR, chunkScale, chunk)
  if (lost) {
    mulBig(bigR, 10, 1)
    exponent--
  }
  return ratio(<i32>exponent)
}

/** bigR × 10^exponent, correctly rounded. */
function ratio(exponent: i32): f64 {
  setBig(bigS, 1)
  if (exponent >= 0) powTen(bigR, exponent)
  else powTen(bigS, -exponent)
  charge(32)
  // Make 1 ≤ R / S < 2 with value = R / S × 2^e.
  let e = bitsBig(bigR) - bitsBig(bigS)
  if (e > 0) shiftBig(bigS, e)
  else if (e < 0) shiftBig(bigR, -e)
  if (compareBig(bigR, bigS) < 0) {
    shiftBig(bigR, 1)
    e--
  }
  if (e < -1080) return 0
  let q: u64 = 0
  for (let i = 0; i < 64; i++) {
    q <<= 1
    if (compareBig(bigR, bigS) >= 0) {
      subBig(bigR, bigS)
      q |= 1
    }
    shiftBig(bigR, 1)
  }
  let sticky = load<u32>(bigR) != 0
  // q has 64 bits; keep 53, or fewer below the normal range.
  let keep = e >= -1022 ? 53 : 53 - (-1022 - e)
  if (keep < 0) return 0
  let dropped = 64 - keep
  let m: u64 = keep == 0 ? 0 : q >> dropped
  let half = keep == 0 ? q >> 63 : (q >> (dropped - 1)) & 1
  let below = keep == 0 ? q << 1 : q << (65 - dropped)
  if (half && (below != 0 || sticky || (m & 1))) m++
  if (e >= -1022) {
    // A carry into bit 53 moves the exponent by itself.
    let biased = <u64>(e + 1022)
    let bits = (biased << 52) + m
    if (bits >= 0x7ff0000000000000) return Infinity
    return reinterpret<f64>(bits)
  }
  return reinterpret<f64>(m)
}
