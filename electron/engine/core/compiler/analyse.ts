/** The front half of the compiler: a Source to intermediate representation, Interface and diagnostics. It never throws, whatever the text. */
import type { Digest } from "../../../../shared/digest.ts"
import type { Diagnostic, Interface } from "../../../../shared/module.ts"
import { digestOf } from "../digest.ts"
import { interfaceOf, interfaceType } from "../interface.ts"
import { utf8Encode } from "../utf8.ts"
import { block } from "./build.ts"
import { closeFunctions, needsClosure } from "./close.ts"
import { Diagnostics } from "./diagnostic.ts"
import { foretell } from "./foretell.ts"
import type { IrExport, IrFunction, IrProgram, Node } from "./ir.ts"
import type { ImportUnit, LinkedUnit, UnitExport } from "./link.ts"
import { Linker } from "./link.ts"
import { SourceText } from "./source.ts"

export type { ImportUnit } from "./link.ts"

export interface AnalyseOptions {
  /** Every module the Source imports, by the name it uses. */
  readonly imports?: readonly ImportUnit[]
  /** Take any source without module form as a program (`run this text`, conformance cases). */
  readonly programMode?: boolean
}

export interface Analysed {
  readonly kind: "analysed"
  /** With boxed values only, apart from tests and counters; `infer` makes the rest. */
  readonly program: IrProgram
  readonly interface: Interface
  /** Name of the entry. */
  readonly entry: string
  readonly exports: readonly IrExport[]
  readonly capabilities: readonly string[]
  /** The entry's Interface with what inference adds where annotations are absent, in arrow form; null: nothing. Never hashed. */
  readonly inferred: string | null
  /** Warnings and hints. */
  readonly diagnostics: readonly Diagnostic[]
  readonly sourceDigest: Digest
}

export interface Rejected {
  readonly kind: "rejected"
  /** At least one error, in the order of the text. */
  readonly diagnostics: readonly Diagnostic[]
}

export function analyse(source: string, options: AnalyseOptions = {}): Analysed | Rejected {
  const diagnostics = new Diagnostics(new SourceText(source))
  const linker = new Linker()
  const imports = options.imports ?? []
  const linked = linker.link("", source, imports, options.programMode ?? false, diagnostics)
  if (linked === null || linked.entry === null || diagnostics.errors > 0) return { kind: "rejected", diagnostics: diagnostics.sorted() }
  const program = finish(linker, linked, imports)
  const entry = linked.exports.find(offered => offered.name === linked.entry)!
  const inferred = foretell(program, entry.type, diagnostics)
  return {
    kind: "analysed",
    program,
    inferred,
    interface: interfaceOf(entry.type, program.capabilities),
    entry: linked.entry,
    exports: program.exports,
    capabilities: program.capabilities,
    diagnostics: diagnostics.sorted(),
    sourceDigest: digestOf(utf8Encode(source))
  }
}

function finish(linker: Linker, linked: LinkedUnit, imports: readonly ImportUnit[]): IrProgram {
  const { builder, init, initSteps } = linker
  init.body = block(initSteps, { op: "const", rep: "boxed", value: null })
  const functions = closeFunctions(builder)
  const exports = linked.exports.map(offered => exportOf(offered, functions))
  return {
    kind: linked.program ? "program" : "module",
    functions,
    globals: builder.globals,
    types: builder.types,
    capabilities: builder.settleCapabilities(),
    exports,
    entry: exports.findIndex(candidate => candidate.name === linked.entry),
    init: initSteps.length === 0 ? -1 : init.index,
    deps: imports.map(({ name, digest }) => ({ name, digest })),
    units: linker.units,
    sites: builder.sites
  }
}

/** A function that needs no closure is exported as it is; for anything else a function is added that reads the global. */
function exportOf(offered: UnitExport, functions: IrFunction[]): IrExport {
  const { name, variable, type } = offered
  const known = variable.known
  const text = interfaceType({ kind: "fn", ...type }).text
  if (known !== null && !needsClosure(known)) return { name, fn: known.index, fixed: known.fixed, rest: known.rest, type: text }
  const value: Node = { op: "global", rep: "boxed", index: variable.index, checked: true, site: -1 }
  const fixed = known?.fixed ?? 0
  const rest = known?.rest ?? false
  const args: Node[] = Array.from({ length: fixed + (rest ? 1 : 0) }, (_, index) => ({ op: "local", rep: "boxed", index }))
  const body: Node =
    known === null ? value : { op: "call-known", rep: "boxed", fn: known.index, closure: value, args, tail: true, site: known.site }
  const fn = functions.push({
    name,
    fixed,
    rest,
    locals: args.map(() => "boxed" as const),
    paramChecks: new Array<number>(fixed).fill(-1),
    captures: [],
    usesSelf: false,
    result: "boxed",
    body,
    site: known?.site ?? -1
  })
  return { name, fn: fn - 1, fixed, rest, type: text }
}
