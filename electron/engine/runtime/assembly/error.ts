// Errors: values of tag 9, thrown through the one import, which the build turns into a throw of the tag.
import { alloc } from "./memory"
import { T_ERROR, tag, T_NIL, T_INT, T_FLOAT, T_STRING, T_KEYWORD, T_VECTOR, T_LIST, T_MAP, T_FUNCTION } from "./value"
import { begin, put, putInt, putText, finish } from "./output"

@external("build", "throw")
declare function throwValue(error: i64): void

// @ts-ignore: decorator
@inline export const E_UNDEFINED: u32 = 0
// @ts-ignore: decorator
@inline export const E_ARITY: u32 = 1
// @ts-ignore: decorator
@inline export const E_TYPE: u32 = 2
// @ts-ignore: decorator
@inline export const E_VALIDATION: u32 = 3
// @ts-ignore: decorator
@inline export const E_MATCH: u32 = 4
// @ts-ignore: decorator
@inline export const E_DIVISION: u32 = 5
// @ts-ignore: decorator
@inline export const E_INDEX: u32 = 6
// @ts-ignore: decorator
@inline export const E_ARGUMENT: u32 = 7
// @ts-ignore: decorator
@inline export const E_ARGUMENTS: u32 = 8
// @ts-ignore: decorator
@inline export const E_OVERFLOW: u32 = 9
// @ts-ignore: decorator
@inline export const E_RECURSION: u32 = 10
// @ts-ignore: decorator
@inline export const E_RUNTIME: u32 = 11

export function makeError(category: u32, message: i64): i64 {
  let p = alloc(16)
  store<u32>(p, T_ERROR)
  store<u32>(p, category, 4)
  store<i64>(p, message, 8)
  return <i64>p
}

export function raise(error: i64): void {
  throwValue(error)
  unreachable()
}

export function fail(category: u32, message: i64): void {
  raise(makeError(category, message))
}

/** The name of a category, as it stands in canonical bytes. */
export function categoryName(category: u32): string {
  switch (category) {
    case E_UNDEFINED: return "undefined-symbol"
    case E_ARITY: return "arity-mismatch"
    case E_TYPE: return "type-error"
    case E_VALIDATION: return "type-validation"
    case E_MATCH: return "match-error"
    case E_DIVISION: return "division-by-zero"
    case E_INDEX: return "index-out-of-bounds"
    case E_ARGUMENT: return "invalid-argument"
    case E_ARGUMENTS: return "invalid-arguments"
    case E_OVERFLOW: return "integer-overflow"
    case E_RECURSION: return "recursion-limit"
    default: return "runtime-error"
  }
}

/** `type-name` of a value. */
export function kindName(v: i64): string {
  switch (tag(v)) {
    case T_NIL: return "nil"
    case T_INT: return "integer"
    case T_FLOAT: return "float"
    case T_STRING: return "string"
    case T_KEYWORD: return "keyword"
    case T_VECTOR: return "vector"
    case T_LIST: return "list"
    case T_MAP: return "map"
    case T_FUNCTION: return "function"
    case T_ERROR: return "error"
    default: return "boolean"
  }
}

/** Fails with a fixed text. */
export function failText(category: u32, text: string): void {
  begin()
  put(text)
  fail(category, finish())
}

export function undefinedSymbol(name: i64): void {
  begin()
  put("Undefined symbol: ")
  putText(name)
  fail(E_UNDEFINED, finish())
}

export function typeError(op: string, expected: string, got: i64): void {
  begin()
  put("Type error in ")
  put(op)
  put(": expected ")
  put(expected)
  put(", got ")
  put(kindName(got))
  fail(E_TYPE, finish())
}

/** The same with texts that come from a Module. */
export function typeErrorValue(op: i64, expected: i64, got: i64): void {
  begin()
  put("Type error in ")
  putText(op)
  put(": expected ")
  putText(expected)
  put(", got ")
  put(kindName(got))
  fail(E_TYPE, finish())
}

export function matchError(): void {
  failText(E_MATCH, "Match error: No matching clause")
}

export function recursionLimit(): void {
  failText(E_RECURSION, "Recursion limit exceeded")
}

export function divisionByZero(): void {
  failText(E_DIVISION, "Division by zero")
}

export function overflow(op: string): void {
  begin()
  put("Integer overflow in ")
  put(op)
  fail(E_OVERFLOW, finish())
}

export function runtimeError(text: string): void {
  begin()
  put("Runtime error: ")
  put(text)
  fail(E_RUNTIME, finish())
}

export function outOfBounds(index: i64, length: u32): void {
  begin()
  put("Index ")
  putInt(index)
  put(" out of bounds for collection of length ")
  putInt(length)
  fail(E_INDEX, finish())
}

/** Writes "expected …, got …" of an arity; `max` −1 means no upper bound. */
function arityTail(min: i32, max: i32, argc: i32): void {
  put(": expected ")
  if (max < 0) put("at least ")
  putInt(min)
  if (max > min) {
    put(" to ")
    putInt(max)
  }
  put(", got ")
  putInt(argc)
  fail(E_ARITY, finish())
}

export function arityOf(name: i64, min: i32, max: i32, argc: i32): void {
  begin()
  put("Arity mismatch in ")
  putText(name)
  arityTail(min, max, argc)
}

export function arityText(name: string, min: i32, max: i32, argc: i32): void {
  begin()
  put("Arity mismatch in ")
  put(name)
  arityTail(min, max, argc)
}

/** Arity errors of built-ins that take their arguments in pairs. */
export function arityParity(name: string, wanted: string, argc: i32): void {
  begin()
  put("Arity mismatch in ")
  put(name)
  put(": expected ")
  put(wanted)
  put(" number, got ")
  putInt(argc)
  fail(E_ARITY, finish())
}

/** From the descriptor of a closure. */
export function arityError(closure: i64, argc: i32): void {
  let d = load<u32>(<usize>closure, 8)
  let min = load<i32>(d, 8)
  arityText("user-defined function", min, load<u32>(d, 12) & 1 ? -1 : min, argc)
}
