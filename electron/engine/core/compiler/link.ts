/** Units: the Source itself and the modules it imports, resolved into one program (language page, section 11). */
import type { Digest } from "../../../../shared/digest.ts"
import type { Diagnostic } from "../../../../shared/module.ts"
import { sizeLimits } from "../../../../shared/module.ts"
import type { FunctionType } from "../interface.ts"
import { utf8Encode } from "../utf8.ts"
import { block } from "./build.ts"
import { Diagnostics } from "./diagnostic.ts"
import { expand } from "./expand.ts"
import type { Step } from "./ir.ts"
import type { ImportedNames } from "./names.ts"
import { ProgramBuilder } from "./program.ts"
import { readSource } from "./read.ts"
import { Resolver } from "./resolve.ts"
import type { FunctionContext, Variable } from "./scope.ts"
import { Scope } from "./scope.ts"
import { shapeUnit } from "./shape.ts"
import { SourceText } from "./source.ts"
import { nearestName } from "./spelling.ts"
import type { DefSyntax, ImportSyntax, Place, StructSyntax, Syntax, UnitSyntax } from "./syntax.ts"
import { anyType } from "./type-form.ts"

/** A module to link, as its importer names it. `imports`: what its own Source imports. */
export interface ImportUnit {
  readonly name: string
  readonly digest: Digest
  readonly source: string
  readonly imports?: readonly ImportUnit[]
}

/** What a unit offers: for each export its variable and declared type. */
export interface UnitExport {
  readonly name: string
  readonly variable: Variable
  /** A value counts as a function of no parameters. */
  readonly type: FunctionType
}

export interface LinkedUnit {
  readonly program: boolean
  readonly exports: readonly UnitExport[]
  /** The name of the export that runs when none is named. */
  readonly entry: string | null
}

/** How deep imports may import. */
export const importDepthMax = 64

export class Linker {
  readonly builder = new ProgramBuilder()
  /** Evaluates the values of modules, imports first. */
  readonly init: FunctionContext
  readonly initSteps: Step[] = []
  /** Names of the Sources, for sites. */
  readonly units: string[] = []
  readonly #linked = new Map<Digest, LinkedUnit | null>()
  readonly #linking: Digest[] = []

  constructor() {
    this.init = this.builder.newFunction(null, "init", 0, false, true)
  }

  /** Links a Source with all it imports. `programMode`: a source without module form is a program whatever it contains. Diagnostics say what failed. */
  link(name: string, text: string, imports: readonly ImportUnit[], programMode: boolean, diagnostics: Diagnostics): LinkedUnit | null {
    const unit = this.units.push(name) - 1
    const syntax = parseUnit(text, diagnostics)
    if (syntax === null) return null
    const names = this.#importAll(syntax.imports, imports, diagnostics)
    const isProgram = isProgramUnit(syntax, programMode)
    const resolver = new Resolver(this.builder, diagnostics, unit, names)
    return isProgram ? this.#program(syntax, resolver, names, unit) : this.#module(syntax, resolver, names, diagnostics)
  }

  #program(syntax: UnitSyntax, resolver: Resolver, names: UnitNames, unit: number): LinkedUnit {
    const main = this.builder.newFunction(null, "main", 0, false, true)
    // Only the Source itself is evaluated once per instance; an imported program anew for each call of its main.
    const scope = new Scope(null, main, unit === 0)
    names.addTo(scope)
    const items = syntax.items.map(item => item.syntax)
    resolver.prepare(scope, items)
    const steps: Step[] = []
    main.body = block(
      steps,
      resolver.within(scope, steps, () => resolver.sequence(items, scope, steps, "value"))
    )
    const variable = unit === 0 ? main.self : this.builder.newGlobal("main")
    variable.known = main
    if (unit !== 0) this.initSteps.push({ step: "set-global", global: variable.index, value: resolver.closure(main, this.init) })
    return { program: true, exports: [{ name: "main", variable, type: { params: [], rest: null, result: anyType } }], entry: "main" }
  }

  #module(syntax: UnitSyntax, resolver: Resolver, names: UnitNames, diagnostics: Diagnostics): LinkedUnit {
    const scope = new Scope(null, this.init, true)
    names.addTo(scope)
    const items = syntax.items.map(item => item.syntax)
    resolver.prepare(scope, items)
    for (const item of items) resolver.effect(item, scope, this.initSteps)
    const exports: UnitExport[] = []
    const definitions = definitionsOf(items)
    for (const { name, place } of exportedNames(syntax)) {
      const variable = scope.slots.get(name)?.holder ?? scope.current.get(name)
      const definition = definitions.get(name)
      if (variable !== undefined && definition !== undefined) exports.push({ name, variable, type: typeOfExport(definition) })
      else {
        const suggestion = nearestName(name, scope.current.keys())
        diagnostics.error("module-error", `the module exports ${name} but does not define it`, place.start, place.end, {
          ...(suggestion === null ? {} : { suggestion: `did you mean ${suggestion}?` })
        })
      }
    }
    if (exports.length === 0 && diagnostics.errors === 0) {
      diagnostics.error("module-error", "nothing is exported", 0, 0, { expected: "a defn, or an expression to evaluate" })
    }
    return { program: false, exports, entry: entryOf(syntax, exports) }
  }

  #importAll(imports: readonly ImportSyntax[], given: readonly ImportUnit[], diagnostics: Diagnostics): UnitNames {
    const names = new UnitNames(diagnostics)
    for (const wanted of imports) {
      const unit = given.find(candidate => candidate.name === wanted.name)
      if (unit === undefined) {
        const suggestion = nearestName(
          wanted.name,
          given.map(candidate => candidate.name)
        )
        diagnostics.error("module-error", `no module was given for the import ${wanted.name}`, wanted.start, wanted.end, {
          expected: `its Digest: --import ${wanted.name}=sha256:…`,
          ...(suggestion === null ? {} : { suggestion: `did you mean ${suggestion}?` })
        })
        continue
      }
      const linked = this.#importOne(unit, wanted, diagnostics)
      if (linked !== null) names.add(wanted, linked)
    }
    return names
  }

  #importOne(unit: ImportUnit, wanted: ImportSyntax, diagnostics: Diagnostics): LinkedUnit | null {
    const known = this.#linked.get(unit.digest)
    if (known !== undefined) return known
    if (this.#linking.includes(unit.digest) || this.#linking.length >= importDepthMax) {
      const why =
        this.#linking.length >= importDepthMax
          ? `imports nest deeper than ${importDepthMax}`
          : `the import ${wanted.name} leads back to itself`
      diagnostics.error("module-error", why, wanted.start, wanted.end)
      return null
    }
    this.#linking.push(unit.digest)
    const inner = new Diagnostics(new SourceText(unit.source))
    const linked = this.link(unit.name, unit.source, unit.imports ?? [], false, inner)
    this.#linking.pop()
    const fault = inner.sorted().find((diagnostic): diagnostic is Diagnostic => diagnostic.severity === "error")
    if (fault !== undefined || linked === null) {
      const why = fault === undefined ? "it cannot be read" : `${fault.span.line}:${fault.span.column} ${fault.message}`
      diagnostics.error("module-error", `the imported module ${wanted.name} does not compile: ${why}`, wanted.start, wanted.end)
    }
    const result = fault === undefined ? linked : null
    this.#linked.set(unit.digest, result)
    return result
  }
}

/** Reads, expands and shapes a Source; null when it is too large or no text. */
function parseUnit(text: string, diagnostics: Diagnostics): UnitSyntax | null {
  const fault = textFault(text)
  if (fault !== null) {
    diagnostics.error("parse-error", fault, 0, 0)
    return null
  }
  const { forms, needsExpansion } = readSource(text, diagnostics)
  const expanded = needsExpansion ? expand(forms, diagnostics) : { forms, definitions: new Set<never>() }
  return shapeUnit(expanded.forms, expanded.definitions, diagnostics)
}

function textFault(text: string): string | null {
  const max = sizeLimits.sourceBytesMax
  const tooLarge = `the source is larger than ${max} bytes of UTF-8`
  if (text.length > max) return tooLarge
  if (!isWellFormed(text)) return "the source is no Unicode text: it contains a lone surrogate"
  return text.length * 3 > max && utf8Encode(text).length > max ? tooLarge : null
}

function isWellFormed(text: string): boolean {
  return !/[\ud800-\udfff]/u.test(text)
}

function isProgramUnit(syntax: UnitSyntax, programMode: boolean): boolean {
  if (syntax.module !== null) return false
  return programMode || (syntax.items.length === 0 && syntax.imports.length === 0) || syntax.items.some(item => !item.definition)
}

/** The last definition of each name at top level. */
function definitionsOf(items: readonly Syntax[]): ReadonlyMap<string, DefSyntax | StructSyntax> {
  const definitions = new Map<string, DefSyntax | StructSyntax>()
  for (const item of items) if (item.kind === "def" || item.kind === "defstruct") definitions.set(item.name, item)
  return definitions
}

function exportedNames(syntax: UnitSyntax): { name: string; place: Place }[] {
  if (syntax.exports !== null) return syntax.exports.map(place => ({ name: place.name, place }))
  const names = new Map<string, Place>()
  for (const { syntax: item } of syntax.items) if (item.kind === "def" && item.defn && !names.has(item.name)) names.set(item.name, item)
  return [...names].map(([name, place]) => ({ name, place }))
}

/** Declared types only. */
function typeOfExport(item: DefSyntax | StructSyntax): FunctionType {
  if (item.kind === "defstruct") return { params: [anyType], rest: null, result: anyType }
  const { value } = item
  if (value.kind !== "fn") return { params: [], rest: null, result: item.type ?? anyType }
  return {
    params: value.params.map(param => param.type ?? anyType),
    rest: value.rest === null ? null : (value.rest.type ?? anyType),
    result: value.result ?? anyType
  }
}

/** `main`; else the only export; else the first of `:exports`; else the last defn. */
function entryOf(syntax: UnitSyntax, exports: readonly UnitExport[]): string | null {
  const main = exports.find(candidate => candidate.name === "main")
  const chosen = main ?? (exports.length === 1 || syntax.exports !== null ? exports[0] : undefined)
  if (chosen !== undefined) return chosen.name
  const last = syntax.items.map(item => item.syntax).findLast(item => item.kind === "def" && item.defn)
  return last?.kind === "def" ? last.name : null
}

/** The names that the imports of one unit give it. */
class UnitNames implements ImportedNames {
  readonly #diagnostics: Diagnostics
  readonly #byPrefix = new Map<string, LinkedUnit>()
  readonly #only = new Map<string, Variable>()

  constructor(diagnostics: Diagnostics) {
    this.#diagnostics = diagnostics
  }

  get prefixes(): readonly string[] {
    return [...this.#byPrefix].flatMap(([prefix, unit]) => unit.exports.map(offered => `${prefix}/${offered.name}`))
  }

  add(wanted: ImportSyntax, unit: LinkedUnit): void {
    const alias = wanted.alias ?? wanted.name
    if (this.#byPrefix.has(alias)) {
      this.#diagnostics.error("module-error", `two imports are called ${alias}`, wanted.start, wanted.end, {
        suggestion: "give one of them another name with :as"
      })
    }
    this.#byPrefix.set(alias, unit)
    this.#byPrefix.set(wanted.name, unit)
    for (const name of wanted.only ?? []) {
      const offered = unit.exports.find(candidate => candidate.name === name)
      if (offered !== undefined) this.#only.set(name, offered.variable)
      else this.#notExported(wanted.name, name, unit, wanted)
    }
  }

  addTo(scope: Scope): void {
    for (const [name, variable] of this.#only) scope.current.set(name, variable)
  }

  qualified(name: string, place: Place): Variable | "private" | null {
    if (this.#byPrefix.size === 0) return null
    for (let slash = name.indexOf("/"); slash > 0; slash = name.indexOf("/", slash + 1)) {
      const unit = this.#byPrefix.get(name.slice(0, slash))
      if (unit === undefined) continue
      const wanted = name.slice(slash + 1)
      const offered = unit.exports.find(candidate => candidate.name === wanted)
      if (offered !== undefined) return offered.variable
      this.#notExported(name.slice(0, slash), wanted, unit, place)
      return "private"
    }
    return null
  }

  #notExported(module: string, name: string, unit: LinkedUnit, place: Place): void {
    const suggestion = nearestName(
      name,
      unit.exports.map(offered => offered.name)
    )
    this.#diagnostics.error("module-error", `the module ${module} does not export ${name}`, place.start, place.end, {
      ...(suggestion === null ? {} : { suggestion: `did you mean ${suggestion}?` })
    })
  }
}
