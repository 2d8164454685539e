// The exports of the runtime: the ABI of README.md, and nothing else.
import { decode, encode as encodeValue } from "./codec"
import { callBuiltin as call } from "./call"
import { at, args as room, copyOut, fromArgs } from "./vector"
import { fromPairs } from "./map"
import { aux, hasTag, T_LIST, T_MAP, T_VECTOR } from "./value"
import { typeError } from "./error"
import { assocStep } from "./collection"
import { conj2 } from "./sequence"

export { fuel, reason, sp, alloc, charge, outOfFuel, newOwner } from "./memory"
export { int, float, unboxInt, toFloat, isInt, isFloat, isNumber, tag } from "./value"
export {
  arityError, arityOf, divisionByZero, fail, matchError, raise, recursionLimit, typeErrorValue as typeError, undefinedSymbol
} from "./error"
export { makeString as string, keyword } from "./string"
export { args, at, slotOf, vectorNew, push as vectorPush, isRange, rangeStart } from "./vector"
export { lookup } from "./map"
export { equal } from "./order"
export { addInt, subInt, mulInt, modInt, less as compareLt, atMost as compareLe, greater as compareGt, atLeast as compareGe } from "./number"
export { display, print } from "./print"
export { decode, encode, encodeArguments, reply } from "./codec"
export { keywordGet, without as mapWithout } from "./collection"
export {
  applyVector, arityStub, builtin, callBuiltin, closure, invoke0, invoke1, invoke2, invoke3, invoke4, invokeN, notCallable
} from "./call"
export {
  destructureMap, destructureVector, dotimesCount, expectMap, forSource, lookupNil, matchMap, matchVector, overflow, restVector
} from "./match"
export { checkType, expectElements, expectType } from "./type"

export function rest(p: usize, argc: u32, from: u32): i64 {
  return fromArgs(T_LIST, p, argc, from)
}

export function vectorFrom(p: usize, n: u32): i64 {
  return fromArgs(T_VECTOR, p, n, 0)
}

export function listFrom(p: usize, n: u32): i64 {
  return fromArgs(T_LIST, p, n, 0)
}

export function mapFrom(p: usize, n: u32): i64 {
  return fromPairs("map literal", p, n)
}

/** Count of a vector, list or map. */
export function size(v: i64): u32 {
  return aux(v)
}

export function assocOwn(owner: u32, c: i64, k: i64, v: i64): i64 {
  return assocStep("assoc", c, k, v, owner)
}

export function conjOwn(owner: u32, c: i64, x: i64): i64 {
  return conj2(c, x)
}

/** A built-in on an encoded vector of arguments; its result, encoded. */
export function callEncoded(index: u32, p: usize, n: u32): usize {
  let v = decode(p, n)
  if (!hasTag(v, T_VECTOR)) typeError("callEncoded", "vector", v)
  let argc = aux(v)
  let q = room(argc)
  copyOut(v, 0, argc, q)
  return encodeValue(call(index, argc, q, 0))
}

export {
  b0_1, b0_2, b1_1, b1_2, b2_1, b2_2, b3_1, b3_2, b4_2, b5_2, b6_1, b7_1, b8_1, b9_1, b9_2, b10_1,
  b10_2, b11_1, b12_1, b13_1, b14_1, b15_1, b16_1, b17_1, b18_1, b19_1, b19_2, b20_2, b21_2, b22_2, b23_2, b24_2,
  b25_2, b26_2, b27_2, b28_1, b29_1, b29_2, b29_3, b29_4, b30_1, b31_1, b32_1, b33_1, b34_2, b35_2, b36_2, b36_3,
  b37_2, b38_2, b39_2, b40_2, b41_2, b42_2, b44_1, b45_1, b46_1, b47_1, b48_1, b49_1, b50_2, b50_3, b51_2, b51_3,
  b52_2, b53_2, b54_1, b54_2, b55_1, b56_2, b57_2, b58_2, b58_3, b59_1, b60_2, b61_1, b62_2, b63_2, b64_2, b66_3,
  b67_2, b68_1, b68_2, b69_3, b70_2, b70_3, b71_1, b72_1, b73_2, b74_2, b75_2, b76_2, b77_2, b78_2, b78_3, b79_2,
  b80_2, b81_2, b82_2, b83_1, b84_1, b85_1, b86_1, b87_1, b88_1, b89_1, b90_1, b91_1, b92_1, b93_1, b94_1, b95_1,
  b96_1, b97_1, b98_1, b99_1, b100_1, b101_1, b102_1, b103_1, b104_1, b105_1, b106_2, b107_1
} from "./builtins"
