import { NIL } from "./value"
import { runtimeError } from "./error"
export function reMatches(p: i64, s: i64): i64 { runtimeError("regular expressions are not built yet"); return NIL }
export function reFind(p: i64, s: i64): i64 { runtimeError("regular expressions are not built yet"); return NIL }
export function reSeq(p: i64, s: i64): i64 { runtimeError("regular expressions are not built yet"); return NIL }
export function searchPattern(p: i64, s: i64): bool { runtimeError("regular expressions are not built yet"); return false }
