// Arithmetic: exact 64-bit integers, binary64 floats, and the integer/float rules of the language.
import {
  TRUE, NIL, toBool, float, hasTag, int, isFloat, isInt, isNumber, isSmall, T_FLOAT, T_INT, T_STRING, tag, toFloat, truncate, unboxFloat,
  unboxInt
} from "./value"
import { E_ARGUMENT, divisionByZero, failText, overflow, runtimeError, typeError } from "./error"
import { compareText } from "./string"
import { parseFloatText, parseIntText, parsed } from "./decimal"

function needNumber(op: string, v: i64): void {
  if (!isNumber(v)) typeError(op, "number", v)
}

export function addInt(a: i64, b: i64): i64 {
  let c = a + b
  if (((a ^ c) & (b ^ c)) < 0) overflow("+")
  return c
}

export function subInt(a: i64, b: i64): i64 {
  let c = a - b
  if (((a ^ b) & (a ^ c)) < 0) overflow("-")
  return c
}

/** Whether a × b leaves 64 bits. */
function mulOverflows(a: i64, b: i64): bool {
  if (a == 0 || b == 0) return false
  if ((a == -1 && b == i64.MIN_VALUE) || (b == -1 && a == i64.MIN_VALUE)) return true
  return (a * b) / b != a
}

function mulChecked(op: string, a: i64, b: i64): i64 {
  // Halves that fit 31 bits cannot overflow.
  if (<i64>(<i32>a) == a && <i64>(<i32>b) == b) return a * b
  if (mulOverflows(a, b)) overflow(op)
  return a * b
}

export function mulInt(a: i64, b: i64): i64 {
  return mulChecked("*", a, b)
}

export function modInt(a: i64, b: i64): i64 {
  if (b == 0) divisionByZero()
  return b == -1 ? 0 : a % b
}

export function add(a: i64, b: i64): i64 {
  if (isInt(a) && isInt(b)) return int(addInt(unboxInt(a), unboxInt(b)))
  needNumber("+", a)
  needNumber("+", b)
  return float(toFloat(a) + toFloat(b))
}

export function sub(a: i64, b: i64): i64 {
  if (isInt(a) && isInt(b)) return int(subInt(unboxInt(a), unboxInt(b)))
  needNumber("-", a)
  needNumber("-", b)
  return float(toFloat(a) - toFloat(b))
}

export function mul(a: i64, b: i64): i64 {
  if (isInt(a) && isInt(b)) return int(mulInt(unboxInt(a), unboxInt(b)))
  needNumber("*", a)
  needNumber("*", b)
  return float(toFloat(a) * toFloat(b))
}

export function same(op: string, a: i64): i64 {
  needNumber(op, a)
  return a
}

export function negate(a: i64): i64 {
  if (isInt(a)) return int(subInt(0, unboxInt(a)))
  needNumber("-", a)
  return float(-unboxFloat(a))
}

/** One step of `/`: an exact integer quotient, or a float. */
function quotient(a: i64, b: i64): i64 {
  needNumber("/", b)
  if (toFloat(b) == 0) divisionByZero()
  if (isInt(a) && isInt(b)) {
    let x = unboxInt(a)
    let y = unboxInt(b)
    if (y == -1) {
      if (x == i64.MIN_VALUE) overflow("/")
      return int(-x)
    }
    if (x % y == 0) return int(x / y)
  }
  return float(toFloat(a) / toFloat(b))
}

/** The result of `/`: a finite float without fraction becomes an integer. */
function settled(v: i64): i64 {
  if (!isFloat(v)) return v
  let x = unboxFloat(v)
  if (x - x != 0 || x != trunc<f64>(x)) return v
  return int(truncate(x))
}

export function div1(a: i64): i64 {
  needNumber("/", a)
  return settled(a)
}

export function div2(a: i64, b: i64): i64 {
  needNumber("/", a)
  return settled(quotient(a, b))
}

export function divAll(p: usize, n: u32): i64 {
  let v = load<i64>(p)
  needNumber("/", v)
  for (let i: u32 = 1; i < n; i++) v = quotient(v, load<i64>(p + (i << 3)))
  return settled(v)
}

export function mod(a: i64, b: i64): i64 {
  needNumber("mod", a)
  needNumber("mod", b)
  if (toFloat(b) == 0) divisionByZero()
  if (isInt(a) && isInt(b)) return int(modInt(unboxInt(a), unboxInt(b)))
  return float(NativeMath.mod(toFloat(a), toFloat(b)))
}

export function pow(a: i64, b: i64): i64 {
  needNumber("pow", a)
  needNumber("pow", b)
  if (isInt(a) && isInt(b)) {
    let e = unboxInt(b)
    if (e >= 0) return int(powInt(unboxInt(a), e))
  }
  return float(NativeMath.pow(toFloat(a), toFloat(b)))
}

function powInt(base: i64, e: i64): i64 {
  if (e == 0 || base == 1) return 1
  if (base == 0) return 0
  if (base == -1) return e & 1 ? -1 : 1
  let result: i64 = 1
  while (true) {
    if (e & 1) result = mulChecked("pow", result, base)
    e >>= 1
    if (e == 0) return result
    base = mulChecked("pow", base, base)
  }
}

export function inc(a: i64): i64 {
  if (isInt(a)) {
    let n = unboxInt(a)
    if (n == i64.MAX_VALUE) overflow("inc")
    return int(n + 1)
  }
  if (!isFloat(a)) runtimeError("inc expects a number")
  return float(unboxFloat(a) + 1)
}

export function dec(a: i64): i64 {
  if (isInt(a)) {
    let n = unboxInt(a)
    if (n == i64.MIN_VALUE) overflow("dec")
    return int(n - 1)
  }
  if (!isFloat(a)) runtimeError("dec expects a number")
  return float(unboxFloat(a) - 1)
}

export function absolute(a: i64): i64 {
  if (isInt(a)) {
    let n = unboxInt(a)
    if (n == i64.MIN_VALUE) overflow("abs")
    return n < 0 ? int(-n) : a
  }
  needNumber("abs", a)
  return float(abs<f64>(unboxFloat(a)))
}

/** Whether a < b as `<` on numbers has it; both must be numbers. */
export function numberLess(a: i64, b: i64): bool {
  if (isInt(a) && isInt(b)) return unboxInt(a) < unboxInt(b)
  return toFloat(a) < toFloat(b)
}

export function max2(a: i64, b: i64): i64 {
  if (!isNumber(a) || !isNumber(b)) runtimeError("max expects numbers")
  return numberLess(a, b) ? b : a
}

export function min2(a: i64, b: i64): i64 {
  if (!isNumber(a) || !isNumber(b)) runtimeError("min expects numbers")
  return numberLess(b, a) ? b : a
}

export function squareRoot(a: i64): i64 {
  needNumber("sqrt", a)
  let x = toFloat(a)
  if (x < 0) failText(E_ARGUMENT, "Invalid argument: Cannot take square root of negative number")
  return float(sqrt<f64>(x))
}

export function factorial(a: i64): i64 {
  if (!isInt(a)) typeError("factorial", "integer", a)
  let n = unboxInt(a)
  if (n < 0) failText(E_ARGUMENT, "Invalid argument: Factorial is not defined for negative numbers")
  if (n > 20) overflow("factorial")
  let result: i64 = 1
  for (let i: i64 = 2; i <= n; i++) result *= i
  return int(result)
}

function parity(op: string, a: i64): i64 {
  if (isInt(a)) return unboxInt(a) & 1
  needNumber(op, a)
  return truncate(unboxFloat(a)) & 1
}

export function isEven(a: i64): i64 {
  return toBool(parity("even?", a) == 0)
}

export function isOdd(a: i64): i64 {
  return toBool(parity("odd?", a) != 0)
}

/** `int`. */
export function toInteger(a: i64): i64 {
  switch (tag(a)) {
    case T_INT: return a
    case T_FLOAT: return int(truncate(unboxFloat(a)))
    case T_STRING: {
      let n = parseIntText(a)
      return parsed() ? int(n) : 1
    }
    default: return a == TRUE ? 3 : 1
  }
}

/** `float`. */
export function toDouble(a: i64): i64 {
  switch (tag(a)) {
    case T_INT: return float(toFloat(a))
    case T_FLOAT: return a
    case T_STRING: {
      let x = parseFloatText(a)
      return float(parsed() ? x : 0)
    }
    default: return float(a == TRUE ? 1 : 0)
  }
}

export function parseInteger(a: i64): i64 {
  switch (tag(a)) {
    case T_INT: return a
    case T_FLOAT: return int(truncate(unboxFloat(a)))
    case T_STRING: {
      let n = parseIntText(a)
      return parsed() ? int(n) : NIL
    }
    default: return NIL
  }
}

export function parseDouble(a: i64): i64 {
  switch (tag(a)) {
    case T_INT: return float(toFloat(a))
    case T_FLOAT: return a
    case T_STRING: {
      let x = parseFloatText(a)
      return parsed() ? float(x) : NIL
    }
    default: return NIL
  }
}

/** Both numbers (true) or both strings (false); else a type-error. */
function comparable(op: string, a: i64, b: i64): bool {
  if (isNumber(a)) {
    if (!isNumber(b)) typeError(op, "number", b)
    return true
  }
  if (hasTag(a, T_STRING)) {
    if (!hasTag(b, T_STRING)) typeError(op, "string", b)
    return false
  }
  typeError(op, "number or string", a)
  return false
}

export function less(a: i64, b: i64): bool {
  if (isSmall(a) && isSmall(b)) return a < b
  return comparable("<", a, b) ? numberLess(a, b) : compareText(a, b) < 0
}

export function greater(a: i64, b: i64): bool {
  if (isSmall(a) && isSmall(b)) return a > b
  return comparable(">", a, b) ? numberLess(b, a) : compareText(a, b) > 0
}

function numberAtMost(a: i64, b: i64): bool {
  if (isInt(a) && isInt(b)) return unboxInt(a) <= unboxInt(b)
  return toFloat(a) <= toFloat(b)
}

export function atMost(a: i64, b: i64): bool {
  if (isSmall(a) && isSmall(b)) return a <= b
  return comparable("<=", a, b) ? numberAtMost(a, b) : compareText(a, b) <= 0
}

export function atLeast(a: i64, b: i64): bool {
  if (isSmall(a) && isSmall(b)) return a >= b
  return comparable(">=", a, b) ? numberAtMost(b, a) : compareText(a, b) >= 0
}
