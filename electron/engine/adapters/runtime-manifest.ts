/** Reads the manifest that the runtime's build writes beside it. */
import { z } from "zod"
import { digestOfHex } from "../../../shared/digest.ts"
import type { ValueType } from "../core/compiler/code.ts"
import { f32, f64, i32, i64 } from "../core/compiler/code.ts"
import type { RuntimeAbi, RuntimeFunction } from "../core/compiler/runtime-abi.ts"

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
