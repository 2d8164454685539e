/** Numbers and comparison (language page, section 8): integers are exact or an error. */
import type { Value } from "../../../../shared/value.ts"
import { equalValues } from "../order.ts"
import { compareUtf8 } from "../utf8.ts"
import type { Builtins } from "./builtin.ts"
import { isNumber, Raised, runtimeError, typeError } from "./value.ts"

type Num = bigint | number

const int64Min = -(2n ** 63n)
const int64Max = 2n ** 63n - 1n

export function exact(value: bigint, op: string): bigint {
  if (value < int64Min || value > int64Max) throw new Raised("integer-overflow", `Integer overflow in ${op}`)
  return value
}

function number(op: string, value: Value): Num {
  if (!isNumber(value)) throw typeError(op, "number", value)
  return value
}

/** Left fold that becomes binary64 once a float appears. */
function fold(op: string, integers: (a: bigint, b: bigint) => bigint, floats: (a: number, b: number) => number) {
  return (args: readonly Value[]): Value => {
    let total = number(op, args[0]!)
    for (const arg of args.slice(1)) {
      const next = number(op, arg)
      total = typeof total === "bigint" && typeof next === "bigint" ? exact(integers(total, next), op) : floats(Number(total), Number(next))
    }
    return total
  }
}

const add = fold(
  "+",
  (a, b) => a + b,
  (a, b) => a + b
)
const multiply = fold(
  "*",
  (a, b) => a * b,
  (a, b) => a * b
)
const subtractAll = fold(
  "-",
  (a, b) => a - b,
  (a, b) => a - b
)

function subtract(args: readonly Value[]): Value {
  if (args.length > 1) return subtractAll(args)
  const value = number("-", args[0]!)
  return typeof value === "bigint" ? exact(-value, "-") : -value
}

function divisionByZero(): Raised {
  return new Raised("division-by-zero", "Division by zero")
}

/** Two integers that divide exactly stay integers; a final float without fraction becomes one. */
function divide(args: readonly Value[]): Value {
  let total = number("/", args[0]!)
  for (const arg of args.slice(1)) {
    const divisor = number("/", arg)
    if (Number(divisor) === 0) throw divisionByZero()
    const whole = typeof total === "bigint" && typeof divisor === "bigint" && total % divisor === 0n
    total = whole ? exact((total as bigint) / (divisor as bigint), "/") : Number(total) / Number(divisor)
  }
  return typeof total === "number" && Number.isInteger(total) ? saturate(total) : total
}

/** The integer part, kept within 64 bits; NaN is 0. */
export function saturate(value: number): bigint {
  if (Number.isNaN(value)) return 0n
  if (value >= 2 ** 63) return int64Max
  if (value <= -(2 ** 63)) return int64Min
  return BigInt(Math.trunc(value))
}

function modulo([left, right]: readonly Value[]): Value {
  const a = number("mod", left!)
  const b = number("mod", right!)
  if (Number(b) === 0) throw divisionByZero()
  return typeof a === "bigint" && typeof b === "bigint" ? a % b : Number(a) % Number(b)
}

/** Repeated squaring stops at the first overflow, so it is bounded by 64 steps. */
function integerPower(base: bigint, exponent: bigint): bigint {
  if (base === 0n || base === 1n) return exponent === 0n ? 1n : base
  if (base === -1n) return exponent % 2n === 0n ? 1n : -1n
  if (exponent > 64n) throw new Raised("integer-overflow", "Integer overflow in pow")
  return exact(base ** exponent, "pow")
}

function factorial([value]: readonly Value[]): Value {
  if (typeof value !== "bigint") throw typeError("factorial", "integer", value!)
  if (value < 0n) throw new Raised("invalid-argument", "Invalid argument: Factorial is not defined for negative numbers")
  let product = 1n
  for (let factor = 2n; factor <= value; factor += 1n) product = exact(product * factor, "factorial")
  return product
}

/** `inc` and `dec` have an error of their own. */
function step(op: string, by: bigint) {
  return ([value]: readonly Value[]): Value => {
    if (!isNumber(value!)) throw runtimeError(`${op} expects a number`)
    return typeof value === "bigint" ? exact(value + by, op) : value + Number(by)
  }
}

/** The winning argument unchanged; of equals the earlier. */
function extreme(op: string, wins: (order: number) => boolean) {
  return (args: readonly Value[]): Value => {
    let best = args[0]!
    for (const arg of args.slice(1)) {
      if (!isNumber(best) || !isNumber(arg)) throw runtimeError(`${op} expects numbers`)
      if (wins(compareFloatly(arg, best))) best = arg
    }
    return best
  }
}

/** NaN is in no order with anything: 0. Integers compare exactly, others as binary64. */
function compareFloatly(a: Num, b: Num): number {
  if (typeof a === "bigint" && typeof b === "bigint") return a < b ? -1 : a > b ? 1 : 0
  return Number(a) < Number(b) ? -1 : Number(a) > Number(b) ? 1 : 0
}

function parity(op: string, odd: boolean) {
  return ([value]: readonly Value[]): Value => {
    const whole = typeof value === "bigint" ? value : saturate(number(op, value!) as number)
    return (whole % 2n !== 0n) === odd
  }
}

function compare(op: string, holds: (order: number) => boolean) {
  return ([a, b]: readonly Value[]): Value => {
    if (isNumber(a!)) {
      const other = number(op, b!)
      if (Number.isNaN(a) || Number.isNaN(other)) return false
      return holds(compareFloatly(a, other))
    }
    if (typeof a !== "string") throw typeError(op, "number or string", a!)
    if (typeof b !== "string") throw typeError(op, "string", b!)
    return holds(compareUtf8(a, b))
  }
}

function integerText(text: string): bigint | null {
  if (!/^[-+]?\d+$/.test(text)) return null
  const value = BigInt(text.replace(/^\+/, ""))
  return value < int64Min || value > int64Max ? null : value
}

export const numberBuiltins: Builtins = {
  "+": add,
  "-": subtract,
  "*": multiply,
  "/": divide,
  mod: modulo,
  pow: ([base, exponent], { functions }) => {
    const b = number("pow", base!)
    const e = number("pow", exponent!)
    if (typeof b === "bigint" && typeof e === "bigint" && e >= 0n) return integerPower(b, e)
    return functions.power(Number(b), Number(e))
  },
  inc: step("inc", 1n),
  dec: step("dec", -1n),
  abs: ([value]) => {
    const n = number("abs", value!)
    return typeof n === "bigint" ? exact(n < 0n ? -n : n, "abs") : Math.abs(n)
  },
  max: extreme("max", order => order > 0),
  min: extreme("min", order => order < 0),
  sqrt: ([value]) => {
    const n = Number(number("sqrt", value!))
    if (n < 0) throw new Raised("invalid-argument", "Invalid argument: Cannot take square root of negative number")
    return Math.sqrt(n)
  },
  factorial,
  "even?": parity("even?", false),
  "odd?": parity("odd?", true),
  int: ([value], { functions }) => {
    if (typeof value === "bigint") return value
    if (typeof value === "number") return saturate(value)
    if (typeof value === "string") return integerText(functions.trim(value)) ?? 0n
    return value === true ? 1n : 0n
  },
  float: ([value], { functions }) => {
    if (isNumber(value!)) return Number(value)
    if (typeof value === "string") return functions.parseFloat(value) ?? 0
    return value === true ? 1 : 0
  },
  "parse-int": ([value], { functions }) => {
    if (typeof value === "bigint") return value
    if (typeof value === "number") return saturate(value)
    return typeof value === "string" ? integerText(functions.trim(value)) : null
  },
  "parse-float": ([value], { functions }) => {
    if (isNumber(value!)) return Number(value)
    return typeof value === "string" ? functions.parseFloat(value) : null
  },
  "=": args => args.slice(1).every(arg => equalValues(args[0]!, arg)),
  "!=": ([a, b]) => !equalValues(a!, b!),
  "not=": ([a, b]) => !equalValues(a!, b!),
  "<": compare("<", order => order < 0),
  ">": compare(">", order => order > 0),
  "<=": compare("<=", order => order <= 0),
  ">=": compare(">=", order => order >= 0)
}
