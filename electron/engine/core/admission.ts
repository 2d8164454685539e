/** Decides whether bytes may become a Module: profile, limits, imports, forbidden sections, and the memory clamp (vm page, section 4). */
import type { Digest } from "../../../shared/digest.ts"
import { isDigest } from "../../../shared/digest.ts"
import { limitBounds } from "../../../shared/limits.ts"
import { sizeLimits } from "../../../shared/module.ts"
import type { RejectionReason } from "../../../shared/run.ts"
import type { Value } from "../../../shared/value.ts"
import { utf8Decode, utf8Encode } from "./utf8.ts"
import type { WasmExtern, WasmFunctionType, WasmImport, WasmLimits, WasmShape } from "./wasm-walk.ts"
import { walk } from "./wasm-walk.ts"

export const abiName = "rtfs-wasm-abi/1"
/** Exports of a linked Module that no RTFS name can take, because of the colon: its fuel counter and its initialisation. */
export const fuelExport = "rtfs:fuel"
export const initExport = "rtfs:init"

/** Entries a table of a plain module may have at first, and may grow to. */
export const tableEntriesMax = 65_536

export interface Rejection {
  readonly kind: "rejected"
  readonly reason: RejectionReason
  readonly detail: string
}

export interface Admitted {
  readonly kind: "admitted"
  readonly profile: "plain" | "linked"
  readonly shape: WasmShape
}

/** What the sections of a linked Module say about it. */
export interface ModuleSections {
  readonly abi: string
  readonly runtime: Digest
  readonly compiler: string
  readonly exports: readonly { readonly name: string; readonly type: string }[]
  readonly entry: string
  /** Canonical text of the Interface. */
  readonly interfaceText: string
  readonly capabilities: readonly string[]
  readonly deps: readonly { readonly name: string; readonly digest: Digest }[]
  readonly source: Digest | null
}

/**
 * The walk every module passes. `runtime`: the shape of the pinned runtime, for a module that may be linked against it; without it only
 * the plain profile is admitted, as for anything foreign.
 */
export function admit(bytes: Uint8Array, runtime: WasmShape | null = null): Admitted | Rejection {
  if (bytes.length > sizeLimits.moduleBytesMax)
    return rejected("too-large", `a module has at most ${sizeLimits.moduleBytesMax} bytes, this one has ${bytes.length}`)
  const walked = walk(bytes)
  if (walked.kind === "rejected") return walked
  const { shape } = walked
  const oversize = oversizeOf(shape)
  if (oversize) return oversize
  if (shape.imports.length === 0) return plainFault(shape) ?? { kind: "admitted", profile: "plain", shape }
  if (!runtime) {
    const first = shape.imports[0] as WasmImport
    return rejected("forbidden-import", `a module from outside imports nothing; this one imports ${importName(first)}`)
  }
  return linkedFault(shape, runtime) ?? { kind: "admitted", profile: "linked", shape }
}

function oversizeOf(shape: WasmShape): Rejection | null {
  if (shape.functions > sizeLimits.functionsMax)
    return rejected("too-large", `at most ${sizeLimits.functionsMax} functions are admitted, found ${shape.functions}`)
  if (shape.dataBytes > sizeLimits.dataBytesMax)
    return rejected("too-large", `at most ${sizeLimits.dataBytesMax} bytes of data are admitted, found ${shape.dataBytes}`)
  const entries = shape.tables.reduce((sum, table) => sum + table.min, 0)
  if (entries > tableEntriesMax) return rejected("too-large", `tables have at most ${tableEntriesMax} entries, found ${entries}`)
  // No Run could ever give it that much.
  const pages = shape.memories[0]?.min ?? 0
  const [, pagesMax] = limitBounds.memoryPagesMax
  if (pages > pagesMax) return rejected("too-large", `a Run has at most ${pagesMax} pages of memory, the module starts with ${pages}`)
  return null
}

function plainFault(shape: WasmShape): Rejection | null {
  const ours = shape.custom.find(section => section.name.startsWith("rtfs."))
  if (ours) return rejected("forbidden-section", `section ${ours.name} belongs to Modules compiled from RTFS; this one imports no runtime`)
  return null
}

const linkedForbidden: readonly (readonly [id: number, what: string])[] = [
  [4, "a table of its own"],
  [5, "a memory of its own"],
  [8, "a start function"],
  [13, "tags of its own"]
]

function linkedFault(shape: WasmShape, runtime: WasmShape): Rejection | null {
  for (const [id, what] of linkedForbidden) {
    if (shape.sections.some(section => section.id === id))
      return rejected("forbidden-section", `a Module that is linked against the runtime may not have ${what}`)
  }
  const exported = new Map(runtime.exports.map(one => [one.name, one.extern]))
  for (const one of shape.imports) {
    const offered = one.module === "rt" ? exported.get(one.name) : one.module === "host" && one.name === "call" ? hostCall : undefined
    if (!offered) return rejected("forbidden-import", `${importName(one)} is neither of the runtime nor host.call`)
    if (!fits(one.extern, offered))
      return rejected("forbidden-import", `${importName(one)} is imported as another kind or type than it has`)
  }
  return sectionFault(shape)
}

const hostCall: WasmExtern = { kind: "function", type: { params: [0x7f, 0x7f, 0x7f], results: [0x7f] } }

/** What a linked Module says of itself must agree with what it can do: capabilities, Interface and host import. */
function sectionFault(shape: WasmShape): Rejection | null {
  const sections = sectionsOf(shape)
  if ("kind" in sections) return sections
  if (sections.abi !== abiName)
    return rejected("abi-mismatch", `this engine runs ${abiName}, the Module was compiled for ${JSON.stringify(sections.abi)}`)
  const reaches = shape.imports.some(one => one.module === "host")
  if (reaches !== sections.capabilities.length > 0)
    return rejected(
      "invalid-module",
      reaches ? "the Module imports host.call and lists no capability" : "the Module lists capabilities and cannot reach the host"
    )
  const effects = /\[((?:"(?:[^"\\]|\\.)*" ?)*)\]\)$/.exec(sections.interfaceText)
  const listed = sections.capabilities.map(name => JSON.stringify(name)).join(" ")
  if (!effects || effects[1] !== listed) return rejected("invalid-module", "the effects of the Interface and the section rtfs.caps differ")
  return null
}

/** Reads the `rtfs.*` sections of a linked Module; `invalid-module` where one is missing, twice there or malformed. */
export function sectionsOf(shape: WasmShape): ModuleSections | Rejection {
  const abi = jsonSection(shape, "rtfs.abi")
  const iface = jsonSection(shape, "rtfs.iface")
  const caps = jsonSection(shape, "rtfs.caps")
  const deps = jsonSection(shape, "rtfs.deps")
  if (!isRecord(abi) || typeof abi.abi !== "string" || !isDigest(abi.runtime) || typeof abi.compiler !== "string")
    return malformed("rtfs.abi")
  if (!isRecord(iface) || typeof iface.text !== "string" || typeof iface.entry !== "string" || !Array.isArray(iface.exports))
    return malformed("rtfs.iface")
  const exports: { name: string; type: string }[] = []
  for (const one of iface.exports) {
    if (!Array.isArray(one) || typeof one[0] !== "string" || typeof one[1] !== "string") return malformed("rtfs.iface")
    exports.push({ name: one[0], type: one[1] })
  }
  if (!Array.isArray(caps) || !caps.every(name => typeof name === "string")) return malformed("rtfs.caps")
  const named: { name: string; digest: Digest }[] = []
  if (!Array.isArray(deps)) return malformed("rtfs.deps")
  for (const one of deps) {
    if (!Array.isArray(one) || typeof one[0] !== "string" || !isDigest(one[1])) return malformed("rtfs.deps")
    named.push({ name: one[0], digest: one[1] })
  }
  const source = textSection(shape, "rtfs.src")
  return {
    abi: abi.abi,
    runtime: abi.runtime,
    compiler: abi.compiler,
    exports,
    entry: iface.entry,
    interfaceText: iface.text,
    capabilities: caps as string[],
    deps: named,
    source: isDigest(source) ? source : null
  }
}

function textSection(shape: WasmShape, name: string): string | null {
  const found = shape.custom.filter(section => section.name === name)
  const [only] = found
  return found.length === 1 && only ? utf8Decode(only.bytes) : null
}

function jsonSection(shape: WasmShape, name: string): unknown {
  const text = textSection(shape, name)
  if (text === null) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

function malformed(name: string): Rejection {
  return rejected("invalid-module", `section ${name} is missing, twice there or malformed`)
}

/** Whether what is offered satisfies the import: same kind and type, limits within. */
function fits(wanted: WasmExtern, offered: WasmExtern): boolean {
  switch (wanted.kind) {
    case "function":
    case "tag":
      return (
        offered.kind === wanted.kind &&
        sameTypes(wanted.type.params, offered.type.params) &&
        sameTypes(wanted.type.results, offered.type.results)
      )
    case "global":
      return offered.kind === "global" && offered.type === wanted.type && offered.mutable === wanted.mutable
    case "memory":
      return offered.kind === "memory" && limitsFit(wanted.limits, offered.limits)
    case "table":
      return offered.kind === "table" && offered.element === wanted.element && limitsFit(wanted.limits, offered.limits)
  }
}

function sameTypes(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((type, index) => type === right[index])
}

function limitsFit(wanted: WasmLimits, offered: WasmLimits): boolean {
  return wanted.min <= offered.min && (wanted.max === null || (offered.max !== null && offered.max <= wanted.max))
}

function importName(one: WasmImport): string {
  return JSON.stringify(`${one.module}.${one.name}`)
}

/** Replaces `bytes[start, end)`. */
export interface Splice {
  readonly start: number
  readonly end: number
  readonly bytes: Uint8Array
}

/** The changes that put the Run's memory cap into the bytes. The Digest goes on naming the original. */
export function clampOf(shape: WasmShape, memoryPagesMax: number): readonly Splice[] | Rejection {
  const splices: Splice[] = []
  const [memory] = shape.memories
  if (memory) {
    if (memory.min > memoryPagesMax)
      return rejected("too-large", `the module starts with ${memory.min} pages of memory, the cap is ${memoryPagesMax}`)
    const section = shape.sections.find(one => one.id === 5)
    const max = Math.min(memory.max ?? memoryPagesMax, memoryPagesMax)
    if (section) splices.push({ start: section.start, end: section.end, bytes: sectionBytes(5, [1, 1, ...leb(memory.min), ...leb(max)]) })
  }
  return splices
}

/** A copy with the splices made; they are in order and do not overlap. */
export function spliced(bytes: Uint8Array, splices: readonly Splice[]): Uint8Array {
  const parts: Uint8Array[] = []
  let at = 0
  for (const splice of splices) {
    parts.push(bytes.subarray(at, splice.start), splice.bytes)
    at = splice.end
  }
  parts.push(bytes.subarray(at))
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let length = 0
  for (const part of parts) {
    whole.set(part, length)
    length += part.length
  }
  return whole
}

function sectionBytes(id: number, content: readonly number[]): Uint8Array {
  return Uint8Array.from([id, ...leb(content.length), ...content])
}

function leb(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  return [...bytes, rest]
}

/** Numeric types of a plain export: what its arguments must be. */
export type PlainType = "i32" | "i64" | "f32" | "f64"

const plainTypes = new Map<number, PlainType>([
  [0x7f, "i32"],
  [0x7e, "i64"],
  [0x7d, "f32"],
  [0x7c, "f64"]
])

export interface PlainEntry {
  readonly kind: "entry"
  readonly name: string
  readonly params: readonly PlainType[]
  readonly results: readonly PlainType[]
}

/** The entry of a plain module: the export named, or `main`, or its only exported function. */
export function plainEntryOf(shape: WasmShape, name: string | null): PlainEntry | Rejection {
  const functions = shape.exports.filter(one => one.extern.kind === "function")
  const wanted = name ?? (functions.some(one => one.name === "main") ? "main" : functions.length === 1 ? functions[0]?.name : undefined)
  if (wanted === undefined)
    return rejected(
      "no-such-export",
      functions.length === 0
        ? "the module exports no function"
        : "the module exports several functions and none is named main: name the entry"
    )
  const found = shape.exports.find(one => one.name === wanted)
  if (!found)
    return rejected(
      "no-such-export",
      `the module exports no ${JSON.stringify(wanted)}; its functions are: ${functions.map(one => one.name).join(", ") || "none"}`
    )
  if (found.extern.kind !== "function")
    return rejected("not-callable", `${JSON.stringify(wanted)} is a ${found.extern.kind}, expected a function`)
  const params = plainTypesOf(found.extern.type.params)
  const results = plainTypesOf(found.extern.type.results)
  if (!params || !results)
    return rejected(
      "not-callable",
      `${JSON.stringify(wanted)} takes or answers vectors or references; only i32, i64, f32 and f64 cross the wall`
    )
  return { kind: "entry", name: wanted, params, results }
}

function plainTypesOf(types: WasmFunctionType["params"]): PlainType[] | null {
  const named: PlainType[] = []
  for (const type of types) {
    const name = plainTypes.get(type)
    if (!name) return null
    named.push(name)
  }
  return named
}

/** Canonical text of the Interface of a plain entry: integers and floats by position, several results as a tuple. */
export function plainInterfaceText(entry: PlainEntry): string {
  const results = entry.results.map(rtfsType)
  const result = results.length === 0 ? ":nil" : results.length === 1 ? results[0] : `[:tuple ${results.join(" ")}]`
  return `(interface 1 [:fn [${entry.params.map(rtfsType).join(" ")}] ${result}] [])`
}

function rtfsType(type: PlainType): string {
  return type === "i32" || type === "i64" ? ":int" : ":float"
}

/** Arguments of a plain entry as the machine takes them, or why they do not fit. */
export type PlainArguments =
  | { readonly kind: "arguments"; readonly numbers: readonly (number | bigint)[] }
  | { readonly kind: "failed"; readonly category: "arity-mismatch" | "type-validation"; readonly message: string }

export function plainArgumentsOf(entry: PlainEntry, args: readonly Value[]): PlainArguments {
  if (args.length !== entry.params.length)
    return {
      kind: "failed",
      category: "arity-mismatch",
      message: `Arity mismatch in ${entry.name}: expected ${entry.params.length}, got ${args.length}`
    }
  const numbers: (number | bigint)[] = []
  for (const [index, type] of entry.params.entries()) {
    const number = plainNumber(type, args[index] as Value)
    if (number === null)
      return {
        kind: "failed",
        category: "type-validation",
        message: `Type validation: argument ${index + 1} of ${entry.name} is not ${plainNames[type]}`
      }
    numbers.push(number)
  }
  return { kind: "arguments", numbers }
}

const plainNames = { i32: "an integer of 32 bits", i64: "an integer", f32: "a number", f64: "a number" } as const

/** As in RTFS, an integer is accepted where a float is wanted. */
function plainNumber(type: PlainType, value: Value): number | bigint | null {
  if (type === "i64") return typeof value === "bigint" ? value : null
  if (type === "i32") return typeof value === "bigint" && value >= -(2n ** 31n) && value < 2n ** 31n ? Number(value) : null
  return typeof value === "number" ? value : typeof value === "bigint" ? Number(value) : null
}

/** The RTFS value of what a plain entry answered. NaN is one value here, whatever its bits were. */
export function plainResultOf(entry: PlainEntry, numbers: readonly (number | bigint)[]): Value {
  const values = entry.results.map((type, index): Value => {
    const number = numbers[index] as number | bigint
    return type === "i32" || type === "i64" ? BigInt.asIntN(64, BigInt(number)) : Number(number)
  })
  return values.length === 0 ? null : values.length === 1 ? (values[0] as Value) : values
}

/** UTF-8 bytes of a JSON section: keys in the order given, no spaces. */
export function jsonBytes(value: unknown): Uint8Array {
  return utf8Encode(JSON.stringify(value))
}

function rejected(reason: RejectionReason, detail: string): Rejection {
  return { kind: "rejected", reason, detail }
}
