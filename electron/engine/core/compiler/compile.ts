/** The whole compiler: a Source to the bytes of a Module, or diagnostics. Pure and deterministic. */
import type { Digest } from "../../../../shared/digest.ts"
import type { Diagnostic, Interface } from "../../../../shared/module.ts"
import { sizeLimits } from "../../../../shared/module.ts"
import type { ImportUnit, Rejected } from "./analyse.ts"
import { analyse } from "./analyse.ts"
import { emit } from "./emit.ts"
import { infer } from "./infer.ts"
import { inlineLeaves } from "./inline.ts"
import type { IrExport, IrProgram } from "./ir.ts"
import { unrollFolds } from "./loops.ts"
import { optimise } from "./optimise.ts"
import { ownAccumulators } from "./owners.ts"
import type { RuntimeAbi } from "./runtime-abi.ts"
import { compilerVersion, finishModule } from "./sections.ts"

export { compilerVersion } from "./sections.ts"

export interface CompileOptions {
  readonly imports?: readonly ImportUnit[]
  /** `program`: a source without module form is a program, whatever stands in it. */
  readonly mode?: "module" | "program"
  readonly runtime: RuntimeAbi
}

export interface Compiled {
  readonly kind: "compiled"
  readonly bytes: Uint8Array
  readonly digest: Digest
  readonly interface: Interface
  readonly entry: string
  readonly exports: readonly IrExport[]
  readonly capabilities: readonly string[]
  readonly sourceDigest: Digest
  /** Equal for Sources that mean the same program: the Digest without source Digest, source map and names. */
  readonly identityHash: Digest
  readonly compilerVersion: string
  /** Warnings and hints. */
  readonly diagnostics: readonly Diagnostic[]
  /** What was emitted, for tools and for the interpreter. */
  readonly program: IrProgram
}

/** Never throws for a Source, whatever it is: one too deep for the compiler's own stack is refused like one that is malformed. */
export function compile(source: string, options: CompileOptions): Compiled | Rejected {
  try {
    return compiledOf(source, options)
  } catch (fault) {
    if (fault instanceof RangeError)
      return { kind: "rejected", diagnostics: [refusal("parse-error", "the Source is nested or chained too deep to be compiled")] }
    throw fault
  }
}

function compiledOf(source: string, options: CompileOptions): Compiled | Rejected {
  const analysed = analyse(source, { imports: options.imports ?? [], programMode: options.mode === "program" })
  if (analysed.kind === "rejected") return analysed
  const program = improved(analysed.program)
  const builder = emit(program, options.runtime)
  const { bytes, digest, identityHash } = finishModule(builder, program, options.runtime, analysed.interface.text, analysed.sourceDigest)
  const oversize = oversizeOf(bytes, builder.functionCount(), builder.dataLength())
  if (oversize) return { kind: "rejected", diagnostics: [oversize, ...analysed.diagnostics] }
  return {
    kind: "compiled",
    bytes,
    digest,
    interface: analysed.interface,
    entry: analysed.entry,
    exports: analysed.exports,
    capabilities: analysed.capabilities,
    sourceDigest: analysed.sourceDigest,
    identityHash,
    compilerVersion,
    diagnostics: analysed.diagnostics,
    program
  }
}

/** Loops first, so that what is inferred holds in them; then calls in place, and what that uncovers. */
function improved(program: IrProgram): IrProgram {
  const inlined = optimise(inlineLeaves(unrollFolds(program)))
  return ownAccumulators(optimise(infer(inlined)))
}

/** A Module must pass the same limits as one from outside. */
function oversizeOf(bytes: Uint8Array, functions: number, dataBytes: number): Diagnostic | null {
  const { moduleBytesMax, functionsMax, dataBytesMax } = sizeLimits
  const over =
    bytes.length > moduleBytesMax
      ? `${bytes.length} bytes; at most ${moduleBytesMax}`
      : functions > functionsMax
        ? `${functions} functions; at most ${functionsMax}`
        : dataBytes > dataBytesMax
          ? `${dataBytes} bytes of constants; at most ${dataBytesMax}`
          : null
  if (!over) return null
  return refusal("module-error", `the compiled Module would have ${over} are allowed`)
}

function refusal(category: string, message: string): Diagnostic {
  return { severity: "error", category, message, span: { start: 0, end: 0, line: 1, column: 1 } }
}
