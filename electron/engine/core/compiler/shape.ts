/** Forms to syntax: tells special forms from calls, reads patterns and annotations, and says what is malformed (language page, sections 2, 5 and 11). */
import type { MapKey } from "../../../../shared/value.ts"
import { arityMessage, hostForms, specialForms } from "./builtins.ts"
import type { DiagnosticDetail, Diagnostics } from "./diagnostic.ts"
import { bindingPattern, isBinder, keyText, matchPattern, namesOf } from "./pattern.ts"
import type { Form, SequenceForm } from "./read.ts"
import { checkMapShape, isKeyword, isMapKey, isSymbol } from "./read.ts"
import type { Binding, FnSyntax, ImportSyntax, MatchClause, Param, Pattern, Place, Syntax, UnitSyntax } from "./syntax.ts"
import type { Type } from "./type-form.ts"
import { anyType, TypeFault, typeOfForm } from "./type-form.ts"

/** Shapes the top level of a Source. `macros`: the forms that stand where macros were defined. */
export function shapeUnit(forms: readonly Form[], macros: ReadonlySet<Form>, diagnostics: Diagnostics): UnitSyntax {
  const shaper = new Shaper(diagnostics)
  const module = forms.find(form => isHead(form, "module"))
  if (module === undefined) return { exports: null, module: null, ...shaper.items(forms, macros) }
  for (const other of forms) {
    if (other !== module) diagnostics.error("module-error", "a source with a module form contains nothing else", other.start, other.end)
  }
  return shaper.module(module as SequenceForm, macros)
}

function isHead(form: Form | undefined, name: string): form is SequenceForm {
  return form?.kind === "list" && isSymbol(form.items[0], name)
}

const definitionHeads = ["def", "defn", "defstruct"] as const

class Shaper {
  readonly #diagnostics: Diagnostics

  constructor(diagnostics: Diagnostics) {
    this.#diagnostics = diagnostics
  }

  module(form: SequenceForm, macros: ReadonlySet<Form>): UnitSyntax {
    const [, name, ...rest] = form.items
    if (!isBinder(name))
      this.#fail("module-error", "a module needs a name", form, { expected: "(module name (:exports [name …]) definition …)" })
    const declares = rest[0]?.kind === "list" && isKeyword(rest[0].items[0], "exports")
    const exports = declares ? this.#exports(rest[0] as SequenceForm) : null
    const body = declares ? rest.slice(1) : rest
    const { imports, items } = this.items(body, macros)
    for (const item of items) {
      if (!item.definition)
        this.#fail("module-error", "a module contains imports and definitions only", item.syntax, {
          expected: "def, defn, defmacro or defstruct"
        })
    }
    return { exports, module: isBinder(name) ? name.name : "", imports, items }
  }

  #exports(form: SequenceForm): ({ name: string } & Place)[] {
    const [, names, ...more] = form.items
    if (names?.kind !== "vector" || more.length > 0) {
      this.#fail("module-error", "the exports of a module are names in a vector", form, { expected: "(:exports [name …])" })
      return []
    }
    const exports = new Map<string, { name: string } & Place>()
    for (const item of names.items) {
      if (isBinder(item)) exports.set(item.name, exports.get(item.name) ?? { name: item.name, start: item.start, end: item.end })
      else this.#fail("module-error", "an export is a name", item, { expected: "a symbol" })
    }
    return [...exports.values()]
  }

  items(forms: readonly Form[], macros: ReadonlySet<Form>): Pick<UnitSyntax, "imports" | "items"> {
    const imports: ImportSyntax[] = []
    const items: { syntax: Syntax; definition: boolean }[] = []
    for (const form of forms) {
      if (!isHead(form, "import")) {
        const definition = macros.has(form) || definitionHeads.some(head => isHead(form, head))
        items.push({ syntax: this.expression(form), definition })
        continue
      }
      if (items.some(item => item.syntax.kind !== "literal" || !item.definition))
        this.#fail("module-error", "imports stand before everything else", form)
      const read = this.#import(form)
      if (read !== null) imports.push(read)
    }
    return { imports, items }
  }

  #import(form: SequenceForm): ImportSyntax | null {
    const [, name, ...options] = form.items
    const wrong = () => this.#fail("module-error", "this import is malformed", form, { expected: "(import name :as alias :only [name …])" })
    if (!isBinder(name)) {
      wrong()
      return null
    }
    let alias: string | null = null
    let only: string[] | null = null
    let at = 0
    const aliasName = options[1]
    if (isKeyword(options[0], "as") && isBinder(aliasName)) {
      alias = aliasName.name
      at = 2
    }
    const names = options[at + 1]
    if (isKeyword(options[at], "only") && names?.kind === "vector" && names.items.length > 0 && names.items.every(item => isBinder(item))) {
      only = names.items.map(item => (item as { name: string }).name)
      at += 2
    }
    if (at !== options.length) wrong()
    return { name: name.name, alias, only, start: form.start, end: form.end }
  }

  expression(form: Form): Syntax {
    switch (form.kind) {
      case "literal":
        return form
      case "symbol":
        return this.#name(form.name, form)
      case "vector":
        return { kind: "vector", items: this.#all(form.items), start: form.start, end: form.end }
      case "map":
        return this.#map(form)
      case "list":
        return this.#list(form)
      case "colon":
        this.#fail("parse-error", "an annotation colon stands only between a name and its type", form, {
          expected: "an expression",
          found: "`:`"
        })
        return nil(form)
      default:
        // Quotes and #(…) are gone after expansion, or were reported by it.
        return nil(form)
    }
  }

  #all(forms: readonly Form[]): Syntax[] {
    return forms.map(form => this.expression(form))
  }

  #name(name: string, form: Form): Syntax {
    if (name === "&") {
      this.#fail("parse-error", "`&` stands only in parameter lists and patterns", form, { expected: "an expression", found: "`&`" })
      return nil(form)
    }
    if (hostForms.has(name)) {
      this.#fail("capability-error", `${name} must be called: it is no value`, form, { expected: `(${name} …)` })
      return nil(form)
    }
    return { kind: "name", name, start: form.start, end: form.end }
  }

  #map(form: SequenceForm): Syntax {
    if (!checkMapShape(form.items, form, this.#diagnostics)) return nil(form)
    const entries = new Map<string, { key: MapKey; value: Form }>()
    for (let index = 0; index < form.items.length; index += 2) {
      const key = form.items[index]!
      if (!isMapKey(key)) continue
      const text = keyText(key.value)
      if (entries.delete(text)) this.#diagnostics.warn("parse-error", "this key is there twice; the last one wins", key.start, key.end)
      entries.set(text, { key: key.value, value: form.items[index + 1]! })
    }
    const kept = [...entries.values()]
    return {
      kind: "map",
      keys: kept.map(entry => entry.key),
      values: kept.map(entry => this.expression(entry.value)),
      start: form.start,
      end: form.end
    }
  }

  #list(form: SequenceForm): Syntax {
    const [head, ...args] = form.items
    if (isSymbol(head)) {
      if (hostForms.has(head.name)) return this.#host(head.name, args, form)
      if (specialForms.has(head.name)) {
        const special = this.#special(head.name, args, form)
        if (special !== null) return special
      }
    }
    return { kind: "call", head: this.expression(head!), args: this.#all(args), start: form.start, end: form.end }
  }

  /** The special form, or null for a `get` that is a call. */
  #special(name: string, args: readonly Form[], form: SequenceForm): Syntax | null {
    switch (name) {
      case "do":
        return this.#do(args, form)
      case "def":
        return this.#def(args, form)
      case "let":
        return this.#let(args, form)
      case "if":
      case "step-if":
        return this.#if(name, args, form)
      case "fn":
      case "λ":
        return this.#fn(name, null, args, form)
      case "defn":
        return this.#defn(args, form)
      case "match":
        return this.#match(args, form)
      case "try":
        return this.#try(args, form)
      case "for":
        return this.#for(args, form)
      case "dotimes":
        return this.#dotimes(args, form)
      case "get":
        return this.#lookup(args, form)
      case "step":
        return this.#step(args, form)
      case "step-loop":
        return this.#stepLoop(args, form)
      case "step-parallel":
        return { kind: "vector", items: this.#all(args), start: form.start, end: form.end }
      case "defstruct":
        return this.#defstruct(args, form)
      default:
        this.#fail("module-error", `\`${name}\` stands at the top of a source only`, form)
        return nil(form)
    }
  }

  #do(forms: readonly Form[], place: Place): Syntax {
    return { kind: "do", body: this.#all(forms), start: place.start, end: place.end }
  }

  #def(args: readonly Form[], form: SequenceForm): Syntax {
    const expected = "(def name value) or (def name : Type value)"
    if (args.length < 2) return this.#parseError("def needs a name and a value", form, expected)
    const [name, second, third, fourth] = args
    if (!isBinder(name)) return this.#malformed("def", args, form, expected)
    const annotated =
      args.length === 4 && second?.kind === "colon"
        ? { type: third!, value: fourth! }
        : args.length === 3 && isKeyword(second)
          ? { type: second, value: third! }
          : null
    if (annotated === null && args.length !== 2) return this.#malformed("def", args, form, expected)
    this.#bindable(name.name, name)
    return {
      kind: "def",
      name: name.name,
      defn: false,
      type: annotated === null ? null : this.#type(annotated.type),
      value: this.expression(annotated === null ? second! : annotated.value),
      start: form.start,
      end: form.end
    }
  }

  #defn(args: readonly Form[], form: SequenceForm): Syntax {
    const expected = "(defn name [parameter …] body …)"
    const [name, ...rest] = args
    if (!isBinder(name)) return this.#malformed("defn", args, form, expected)
    const value = this.#fn("defn", name.name, rest, form)
    if (value.kind !== "fn") return value
    this.#bindable(name.name, name)
    return { kind: "def", name: name.name, defn: true, type: null, value, start: form.start, end: form.end }
  }

  #fn(word: string, name: string | null, args: readonly Form[], form: SequenceForm): Syntax {
    const expected = name === null ? `(${word} [parameter …] body …)` : "(defn name [parameter …] body …)"
    if (args.length === 0 && name === null) return this.#parseError(`${word} needs parameters and a body`, form, expected)
    const [params, first, second] = args
    const list = params?.kind === "vector" ? this.#params(params) : null
    const annotated =
      first?.kind === "colon"
        ? second === undefined
          ? null
          : { type: second, skip: 3 }
        : isKeyword(first) && args.length > 2
          ? { type: first, skip: 2 }
          : null
    const body = args.slice(annotated === null ? 1 : annotated.skip)
    if (list === null || body.length === 0 || (first?.kind === "colon" && annotated === null)) {
      return this.#malformed(
        word,
        name === null ? args : [{ kind: "symbol", name, start: form.start, end: form.end }, ...args],
        form,
        expected
      )
    }
    return {
      kind: "fn",
      name,
      params: list.params,
      rest: list.rest,
      result: annotated === null ? null : this.#type(annotated.type),
      body: this.#all(body),
      start: form.start,
      end: form.end
    }
  }

  /** Parameters, or null if the vector is no parameter list. */
  #params(form: SequenceForm): Pick<FnSyntax, "params" | "rest"> | null {
    const items = form.items
    const params: Param[] = []
    let at = 0
    while (at < items.length && !isSymbol(items[at], "&")) {
      const start = items[at]!
      const pattern = bindingPattern(start)
      if (pattern === null) return null
      const annotation = annotationAt(items, at + 1)
      if (annotation === undefined) return null
      this.#bindableNames(pattern)
      params.push({ pattern, type: annotation === null ? null : this.#type(annotation.form), start: start.start, end: start.end })
      at += 1 + (annotation?.width ?? 0)
    }
    if (at === items.length) return { params, rest: null }
    const name = items[at + 1]
    const annotation = annotationAt(items, at + 2)
    if (!isBinder(name) || annotation === undefined || at + 2 + (annotation?.width ?? 0) !== items.length) return null
    this.#bindable(name.name, name)
    return { params, rest: { name: name.name === "_" ? null : name.name, type: annotation === null ? null : this.#type(annotation.form) } }
  }

  #let(args: readonly Form[], form: SequenceForm): Syntax {
    const expected = "(let [name value …] body …)"
    const [vector, ...body] = args
    if (args.length === 0 || (body.length === 0 && vector?.kind === "vector"))
      return this.#parseError("let needs bindings and a body", form, expected)
    const bindings = vector?.kind === "vector" ? this.#bindings(vector.items) : null
    if (bindings === null || body.length === 0) return this.#malformed("let", args, form, expected)
    return { kind: "let", bindings, body: this.#all(body), start: form.start, end: form.end }
  }

  /** Reads a binding vector, at each keyword after a pattern first as an annotation, then as the value (section 2.1); null: no reading fits. */
  #bindings(items: readonly Form[]): Binding[] | null {
    const widths = bindingWidths(items)
    if (widths === null) return null
    const bindings: Binding[] = []
    for (let at = 0; at < items.length; at += widths[at]!) {
      const width = widths[at]!
      const start = items[at]!
      const value = items[at + width - 1]!
      const pattern = bindingPattern(start)!
      this.#bindableNames(pattern)
      const type = width === 4 ? this.#type(items[at + 2]!) : width === 3 ? this.#type(items[at + 1]!) : null
      bindings.push({ pattern, type, value: this.expression(value), start: start.start, end: value.end })
    }
    return bindings
  }

  #if(word: string, args: readonly Form[], form: SequenceForm): Syntax {
    const expected = `(${word} condition then else)`
    if (args.length < 2 && word === "if") return this.#parseError("if needs a condition and what to do then", form, expected)
    if (args.length < 2 || args.length > 3) return this.#malformed(word, args, form, expected)
    return {
      kind: "if",
      test: this.expression(args[0]!),
      // biome-ignore lint/suspicious/noThenProperty: a branch, and nothing awaits syntax
      then: this.expression(args[1]!),
      else: args[2] === undefined ? null : this.expression(args[2]),
      start: form.start,
      end: form.end
    }
  }

  #match(args: readonly Form[], form: SequenceForm): Syntax {
    const expected = "(match value pattern body … pattern when guard body …)"
    const clauses = args.length < 3 ? null : this.#clauses(args.slice(1))
    if (clauses === null) return this.#malformed("match", args, form, expected)
    return { kind: "match", subject: this.expression(args[0]!), clauses, start: form.start, end: form.end }
  }

  #clauses(forms: readonly Form[]): MatchClause[] | null {
    const clauses: { pattern: Pattern; guard: Form | null; body: Form }[] = []
    let at = 0
    while (at < forms.length) {
      const pattern = matchPattern(forms[at])
      if (pattern === null) return null
      const guarded = isSymbol(forms[at + 1], "when") && at + 3 < forms.length
      const body = forms[at + (guarded ? 3 : 1)]
      if (body === undefined) return null
      clauses.push({ pattern, guard: guarded ? forms[at + 2]! : null, body })
      at += guarded ? 4 : 2
    }
    return clauses.map(({ pattern, guard, body }) => {
      this.#bindableNames(pattern)
      return { pattern, guard: guard === null ? null : this.expression(guard), body: this.expression(body) }
    })
  }

  #try(args: readonly Form[], form: SequenceForm): Syntax {
    const expected = "(try body … (catch e body …) (finally body …))"
    let bodyCount = args.findIndex(arg => isHead(arg, "catch") || isHead(arg, "finally"))
    if (bodyCount < 0) bodyCount = args.length
    const clauses = args.slice(bodyCount)
    if (clauses.length === 0) return this.#parseError("try needs a catch or finally clause", form, expected)
    const last = clauses.at(-1)!
    const cleanup = isHead(last, "finally") ? (last as SequenceForm) : null
    const catches = cleanup === null ? clauses : clauses.slice(0, -1)
    if (!catches.every(clause => isHead(clause, "catch"))) return this.#malformed("try", args, form, expected)
    const handlers = catches.map(clause => this.#catch(clause as SequenceForm))
    if (catches.length > 1) {
      const [, second] = catches
      this.#diagnostics.warn("type-error", "every catch clause catches every error, so only the first is used", second!.start, second!.end)
    }
    return {
      kind: "try",
      body: this.#all(args.slice(0, bodyCount)),
      handler: handlers[0] ?? null,
      cleanup: cleanup === null ? null : this.#all(cleanup.items.slice(1)),
      start: form.start,
      end: form.end
    }
  }

  #catch(form: SequenceForm): { names: readonly string[]; body: readonly Syntax[] } {
    const [, first, second, ...rest] = form.items
    const expected = "(catch name body …) or (catch name binding body …)"
    if (!isBinder(first) || second === undefined) {
      this.#fail(
        "parse-error",
        isKeyword(first) ? "a catch clause binds a name; it does not select by kind" : "this catch clause is malformed",
        form,
        { expected }
      )
      return { names: [], body: [] }
    }
    const bound = isBinder(second) && rest.length > 0
    const binders = bound ? [first, second] : [first]
    for (const binder of binders) this.#bindable(binder.name, binder)
    return { names: binders.map(binder => binder.name).filter(name => name !== "_"), body: this.#all(bound ? rest : [second, ...rest]) }
  }

  #for(args: readonly Form[], form: SequenceForm): Syntax {
    const expected = "(for [name collection …] body)"
    const [vector, body, ...more] = args
    if (vector?.kind !== "vector" || body === undefined || more.length > 0 || vector.items.length % 2 !== 0)
      return this.#malformed("for", args, form, expected)
    const names: string[] = []
    const collections: Form[] = []
    for (const [index, item] of vector.items.entries()) {
      if (index % 2 === 1) collections.push(item)
      else if (isBinder(item)) names.push(item.name)
      else return this.#malformed("for", args, form, expected)
    }
    for (const [index, name] of names.entries()) this.#bindable(name, vector.items[2 * index]!)
    return { kind: "for", names, collections: this.#all(collections), body: this.expression(body), start: form.start, end: form.end }
  }

  #dotimes(args: readonly Form[], form: SequenceForm): Syntax {
    const [vector, body, ...more] = args
    const [name, count, ...others] = vector?.kind === "vector" ? vector.items : []
    if (!isBinder(name) || count === undefined || others.length > 0)
      return this.#malformed("dotimes", args, form, "(dotimes [name count] body)")
    if (body === undefined || more.length > 0) {
      const message = arityMessage("dotimes", 2, 2, args.length)
      this.#diagnostics.warn("arity-mismatch", "dotimes has exactly one body form", form.start, form.end, {
        expected: "(dotimes [name count] body)"
      })
      return { kind: "raise", args: [], category: "arity-mismatch", message, start: form.start, end: form.end }
    }
    this.#bindable(name.name, name)
    return {
      kind: "dotimes",
      name: name.name,
      count: this.expression(count),
      body: this.expression(body),
      start: form.start,
      end: form.end
    }
  }

  /** `(get k)` and `(get :k)`. */
  #lookup(args: readonly Form[], form: SequenceForm): Syntax | null {
    const [key, ...more] = args
    if (more.length > 0 || key === undefined) return null
    const name = isBinder(key) ? key.name : isKeyword(key) ? key.value.name : null
    return name === null ? null : { kind: "lookup", name, start: form.start, end: form.end }
  }

  #step(args: readonly Form[], form: SequenceForm): Syntax {
    const [label, ...rest] = args
    if (label?.kind !== "literal" || typeof label.value !== "string") {
      const message = "Invalid arguments: step needs a name as a string literal"
      this.#diagnostics.warn("invalid-arguments", "step needs a name as a string literal", form.start, form.end, {
        expected: '(step "name" body …)'
      })
      return { kind: "raise", args: [], category: "invalid-arguments", message, start: form.start, end: form.end }
    }
    let params: Form | null = null
    let at = 0
    while (rest.length > at + 1) {
      const option = rest[at]!
      const value = rest[at + 1]!
      if (isKeyword(option, "params") && value.kind === "map") params = value
      else if (!isKeyword(option, "expose-context") && !isKeyword(option, "context-keys")) break
      at += 2
    }
    const body = rest.slice(at)
    if (params === null) return this.#do(body, form)
    const map = this.#map(params as SequenceForm)
    if (map.kind !== "map") return map
    return { kind: "step", keys: map.keys, values: map.values, body: this.#all(body), start: form.start, end: form.end }
  }

  #stepLoop(args: readonly Form[], form: SequenceForm): Syntax {
    if (args.length !== 2) return this.#malformed("step-loop", args, form, "(step-loop condition body)")
    return { kind: "step-loop", test: this.expression(args[0]!), body: this.expression(args[1]!), start: form.start, end: form.end }
  }

  #defstruct(args: readonly Form[], form: SequenceForm): Syntax {
    const expected = "(defstruct Name :field Type …)"
    const [name, ...rest] = args
    if (!isBinder(name) || rest.length % 2 !== 0) return this.#malformed("defstruct", args, form, expected)
    const fields: { key: string; type: Type }[] = []
    for (let index = 0; index < rest.length; index += 2) {
      const key = rest[index]
      if (!isKeyword(key)) return this.#malformed("defstruct", args, form, expected)
      fields.push({ key: key.value.name, type: this.#type(rest[index + 1]!) })
    }
    this.#bindable(name.name, name)
    return { kind: "defstruct", name: name.name, fields, start: form.start, end: form.end }
  }

  #host(name: string, args: readonly Form[], form: SequenceForm): Syntax {
    const place = { start: form.start, end: form.end }
    if (name !== "call") {
      const arity = name === "context/get" ? 1 : 2
      if (args.length === arity) return { kind: "host", capability: name, args: this.#all(args), ...place }
      return {
        kind: "raise",
        args: this.#all(args),
        category: "arity-mismatch",
        message: arityMessage(name, arity, arity, args.length),
        ...place
      }
    }
    const [capability, ...rest] = args
    if (capability === undefined)
      return { kind: "raise", args: [], category: "arity-mismatch", message: arityMessage("call", 1, null, 0), ...place }
    const text = isKeyword(capability)
      ? capability.value.name
      : capability.kind === "literal" && typeof capability.value === "string"
        ? capability.value
        : null
    if (text !== null) return { kind: "host", capability: text, args: this.#all(rest), ...place }
    if (capability.kind === "list" || capability.kind === "symbol") {
      this.#fail("capability-error", "a capability is written as a literal keyword or string", capability, {
        expected: "(call :name argument …)",
        suggestion: "what a module may ask for is known before it runs, so it cannot be computed"
      })
      return nil(form)
    }
    this.#diagnostics.warn("type-error", "a capability is a keyword or string", capability.start, capability.end)
    return {
      kind: "raise",
      args: this.#all(rest),
      category: "type-error",
      message: "Type error in call: expected keyword or string, got other literal",
      ...place
    }
  }

  #type(form: Form): Type {
    try {
      return typeOfForm(form)
    } catch (fault) {
      if (!(fault instanceof TypeFault)) throw fault
      this.#fail("parse-error", fault.message, fault)
      return anyType
    }
  }

  #bindableNames(pattern: Pattern): void {
    for (const name of namesOf(pattern)) this.#bindable(name, pattern)
  }

  #bindable(name: string, place: Place): void {
    if (hostForms.has(name))
      this.#fail("capability-error", `${name} is the way to the host and cannot be defined`, place, { suggestion: "choose another name" })
  }

  #fail(category: "parse-error" | "module-error" | "capability-error", message: string, place: Place, detail: DiagnosticDetail = {}): void {
    this.#diagnostics.error(category, message, place.start, place.end, detail)
  }

  #parseError(message: string, form: Form, expected: string): Syntax {
    this.#fail("parse-error", message, form, { expected })
    return nil(form)
  }

  /** A special form of a wrong shape is a call of an unbound name: an error only when it is evaluated. */
  #malformed(name: string, args: readonly Form[], form: SequenceForm, expected: string): Syntax {
    this.#diagnostics.warn(
      "undefined-symbol",
      `this is no ${name} form, so evaluating it calls the unbound name ${name}`,
      form.start,
      form.end,
      { expected }
    )
    this.#all(args)
    return { kind: "raise", args: [], category: "undefined-symbol", message: `Undefined symbol: ${name}`, start: form.start, end: form.end }
  }
}

function nil(place: Place): Syntax {
  return { kind: "literal", value: null, start: place.start, end: place.end }
}

/** The annotation at this position (`: T` or `:kw`) and how many forms it takes; null: none; undefined: a colon without a type. */
function annotationAt(items: readonly Form[], at: number): { form: Form; width: number } | null | undefined {
  const first = items[at]
  if (isKeyword(first)) return { form: first, width: 1 }
  if (first?.kind !== "colon") return null
  const type = items[at + 1]
  return type === undefined ? undefined : { form: type, width: 2 }
}

/**
 * For each position where a binding begins on the chosen reading, how many forms it takes: 2 (`p v`), 3 (`p :kw v`) or 4 (`p : T v`).
 * A table from the end over positions, so linear. null: the vector has no reading.
 */
function bindingWidths(items: readonly Form[]): number[] | null {
  const widths = new Array<number>(items.length + 1).fill(0)
  const readable = new Array<boolean>(items.length + 1).fill(false)
  readable[items.length] = true
  for (let at = items.length - 2; at >= 0; at -= 1) {
    if (bindingPattern(items[at]) === null) continue
    const next = items[at + 1]!
    const fits = (width: number) => at + width <= items.length && readable[at + width]! && isExpression(items[at + width - 1]!)
    const width = next.kind === "colon" ? (fits(4) ? 4 : 0) : isKeyword(next) && fits(3) ? 3 : fits(2) ? 2 : 0
    widths[at] = width
    readable[at] = width > 0
  }
  return readable[0] ? widths : null
}

function isExpression(form: Form): boolean {
  return form.kind !== "colon" && !isSymbol(form, "&")
}
