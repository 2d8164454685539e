/** What the emitter knows of the pinned runtime (runtime/README.md). */
import type { Digest } from "../../../../shared/digest.ts"
import type { ValueType } from "./code.ts"

export interface RuntimeFunction {
  readonly params: readonly ValueType[]
  readonly results: readonly ValueType[]
}

export interface RuntimeBuiltin {
  /** Argument counts with an export `b{index}_{count}`. */
  readonly direct: readonly number[]
  /** Whether those exports take the depth as last parameter. */
  readonly depth: boolean
}

export interface RuntimeAbi {
  readonly digest: Digest
  readonly abi: string
  readonly functions: ReadonlyMap<string, RuntimeFunction>
  readonly builtins: readonly RuntimeBuiltin[]
  /** First table index, and first data address, of a Module. */
  readonly tableBase: number
  readonly heapBase: number
  /** Table indices of the stubs that raise arity-mismatch, for 0 to 4 arguments and for more. */
  readonly arityStubs: readonly number[]
}
