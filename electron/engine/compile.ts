/** Source → Module bytes, or diagnostics. Writes nothing. */
import type { AnswerOf, ParsedOf } from "../../shared/engine-contract.ts"
import type { ImportClaim } from "../../shared/module.ts"
import { compileSource } from "./build.ts"
import type { ImportUnit } from "./core/compiler/analyse.ts"
import type { RuntimeAbi } from "./core/compiler/runtime-abi.ts"
import { showInterface } from "./core/interface.ts"
import { watOf } from "./core/wat.ts"
import type { Clock } from "./ports.ts"

/** What compiling needs: the runtime that is linked against, and the Sources of imports. */
export interface CompileBench {
  readonly runtime: { readonly abi: RuntimeAbi }
  readonly clock: Clock
  unitsOf(imports: readonly ImportClaim[]): readonly ImportUnit[]
}

export async function compile(input: ParsedOf<"compile">, bench: CompileBench): Promise<AnswerOf<"compile">> {
  const units = bench.unitsOf(input.imports ?? [])
  const startUs = bench.clock.monotonicUs()
  const compiled = compileSource(input.source, { imports: units, entry: input.entry }, bench.runtime.abi)
  const compileMs = (bench.clock.monotonicUs() - startUs) / 1_000
  if (compiled.kind === "rejected") return { kind: "rejected", diagnostics: [...compiled.diagnostics] }
  const wat = input.wat === true ? watOf(compiled.bytes) : null
  return {
    kind: "compiled",
    digest: compiled.digest,
    interface: { ...compiled.interface, capabilities: [...compiled.interface.capabilities] },
    typeText: showInterface(compiled.interface.text),
    entry: compiled.entry,
    exports: compiled.exports.map(({ name, fixed, rest, type }) => ({
      name,
      parameters: fixed,
      variadic: rest,
      typeText: showInterface(`(interface 1 ${type} [])`)
    })),
    bytes: compiled.bytes.length,
    compileMs,
    diagnostics: [...compiled.diagnostics],
    ...(wat === null ? {} : { wat: wat.kind === "text" ? wat.text : `;; ${wat.why}\n` }),
    ...(input.wasm === true ? { wasm: new Blob([compiled.bytes as Uint8Array<ArrayBuffer>], { type: "application/wasm" }) } : {})
  }
}
