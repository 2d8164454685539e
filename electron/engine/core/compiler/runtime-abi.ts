/** What the emitter knows of the pinned runtime: its manifest, parsed (runtime/README.md). */
import { z } from "zod"
import type { Digest } from "../../../../shared/digest.ts"
import { digestOfHex } from "../../../../shared/digest.ts"
import type { ValueType } from "./encode.ts"
import { f32, f64, i32, i64 } from "./encode.ts"

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

const count = z.number().int().min(0)

const manifestSchema = z.object({
  abi: z.string(),
  sha256: z.string(),
  heapBase: count,
  tableBase: count,
  arityStubs: z.array(count).length(6),
  builtins: z.array(z.object({ index: count, name: z.string(), direct: z.array(count), depth: z.boolean() })),
  exports: z.record(z.string(), z.string())
})

const valueTypes: Readonly<Record<string, ValueType>> = { i32, i64, f32, f64 }

/** Parses `resources/runtime/manifest.json`. Throws where it is not what the build writes. */
export function parseManifest(manifest: unknown): RuntimeAbi {
  const parsed = manifestSchema.parse(manifest)
  const functions = new Map<string, RuntimeFunction>()
  for (const [name, type] of Object.entries(parsed.exports)) {
    const found = /^\(([^)]*)\) -> \(?([^)]*)\)?$/.exec(type)
    if (found) functions.set(name, { params: typesOf(found[1] ?? ""), results: typesOf(found[2] ?? "") })
  }
  return {
    digest: digestOfHex(parsed.sha256),
    abi: parsed.abi,
    functions,
    builtins: parsed.builtins.map(({ direct, depth }) => ({ direct, depth })),
    tableBase: parsed.tableBase,
    heapBase: parsed.heapBase,
    arityStubs: parsed.arityStubs
  }
}

function typesOf(text: string): ValueType[] {
  return text.split(" ").flatMap(name => {
    if (name === "") return []
    const type = valueTypes[name]
    if (type === undefined) throw new TypeError(`expected a value type in the runtime's manifest, found ${JSON.stringify(name)}`)
    return [type]
  })
}
