/** The shape of a TYPE (language page, sections 7 and 15) for whoever draws it: forms, labels. It judges nothing; the engine's parser decides what is valid. */

export const primitiveNames = ["int", "float", "string", "bool", "nil", "keyword", "symbol", "any", "never", "fn"] as const
export type PrimitiveName = (typeof primitiveNames)[number]

/** `text` is the type as it was written, single-spaced. */
export type TypeTree = { readonly text: string } & (
  | { readonly kind: "primitive"; readonly name: PrimitiveName }
  | { readonly kind: "vector"; readonly item: TypeTree }
  | { readonly kind: "array"; readonly item: TypeTree /** First dimension where it is fixed. */; readonly length: number | null }
  | { readonly kind: "tuple"; readonly items: readonly TypeTree[] }
  | { readonly kind: "map"; readonly entries: readonly MapEntry[] }
  | { readonly kind: "map-of"; readonly key: TypeTree; readonly value: TypeTree }
  | { readonly kind: "union"; readonly members: readonly TypeTree[] }
  | { readonly kind: "and"; readonly base: TypeTree; readonly refinements: readonly string[] }
  | { readonly kind: "enum" /** Literals. */; readonly values: readonly string[] }
  | { readonly kind: "function"; readonly shape: FunctionShape }
  | { readonly kind: "variable"; readonly name: string }
  /** A resource or a name that is no type known here: only a raw literal can be given for it. */
  | { readonly kind: "other" }
)

export interface MapEntry {
  /** The key as a literal, such as `:name`. */
  readonly key: string
  readonly type: TypeTree
  readonly optional: boolean
}

export interface FunctionShape {
  readonly parameters: readonly TypeTree[]
  readonly rest: TypeTree | null
  readonly result: TypeTree
}

export interface InterfaceTree extends FunctionShape {
  readonly capabilities: readonly string[]
}

/** Where a text stops being a TYPE; `position` counts UTF-16 code units from 0. */
export class TypeTextError extends Error {
  readonly position: number

  constructor(message: string, position: number) {
    super(message)
    this.name = "TypeTextError"
    this.position = position
  }
}

const textLengthMax = 8_192
const depthMax = 64

/** Reads the canonical text, `[:fn […] R]` or the arrow form of an Interface. Throws TypeTextError. */
export function readInterface(text: string): InterfaceTree {
  const forms = readForms(text)
  const first = forms[0]
  if (first === undefined) throw new TypeTextError("expected a TYPE, found nothing", 0)
  if (isSequence(first, "(") && atomText(first.items[0]) === "interface") return canonicalInterface(forms, first)
  const capabilities = (from: number) => capabilitiesAfter(forms, from, text)
  if (isSequence(first, "[")) return { ...functionShape(first), capabilities: capabilities(1) }
  if (isSequence(first, "(") && atomText(forms[1]) === "->") {
    const result = forms[2]
    if (result === undefined) throw new TypeTextError("expected a result type after ->", text.length)
    return { ...parametersOf(first.items), result: typeOf(result), capabilities: capabilities(3) }
  }
  throw new TypeTextError("expected (T, …) -> T, [:fn [T…] T] or (interface 1 …)", first.start)
}

/** Reads one type. Throws TypeTextError. */
export function readType(text: string): TypeTree {
  const [form, more] = readForms(text)
  if (form === undefined) throw new TypeTextError("expected a type, found nothing", 0)
  if (more !== undefined) throw new TypeTextError("expected one type, found more", more.start)
  return typeOf(form)
}

/** The arrow form: how a TYPE is shown to people. */
export function arrowText(tree: InterfaceTree): string {
  const parameters = tree.parameters.map(type => type.text)
  if (tree.rest !== null) parameters.push(`& ${tree.rest.text}`)
  const effects = tree.capabilities.length === 0 ? "" : ` ! [${tree.capabilities.map(name => JSON.stringify(name)).join(" ")}]`
  return `(${parameters.join(", ")}) -> ${tree.result.text}${effects}`
}

/** The canonical text in the arrow form, or the text itself where it cannot be read. */
export function shownType(text: string): string {
  try {
    return arrowText(readInterface(text))
  } catch {
    return text
  }
}

// Interfaces

function canonicalInterface(forms: readonly Form[], form: Sequence): InterfaceTree {
  const [, version, shape, capabilities] = form.items
  if (forms.length !== 1 || form.items.length !== 4 || atomText(version) !== "1")
    throw new TypeTextError("expected (interface 1 [:fn …] […])", form.start)
  return { ...functionShape(shape!), capabilities: capabilityList(capabilities!) }
}

function functionShape(form: Form): FunctionShape {
  const isFunction = isSequence(form, "[") && (atomText(form.items[0]) === ":fn" || atomText(form.items[0]) === ":=>")
  if (!isFunction || form.items.length !== 3) throw new TypeTextError("expected [:fn [T…] T]", form.start)
  const parameters = form.items[1]!
  if (!isSequence(parameters, "[")) throw new TypeTextError("expected the parameter types in brackets", parameters.start)
  return { ...parametersOf(parameters.items), result: typeOf(form.items[2]!) }
}

function parametersOf(forms: readonly Form[]): { parameters: TypeTree[]; rest: TypeTree | null } {
  const parameters: TypeTree[] = []
  for (let index = 0; index < forms.length; index++) {
    const form = forms[index]!
    if (atomText(form) !== "&") {
      parameters.push(typeOf(form))
      continue
    }
    const rest = forms[index + 1]
    if (rest === undefined || index + 2 !== forms.length) throw new TypeTextError("expected exactly one type after &", form.start)
    return { parameters, rest: typeOf(rest) }
  }
  return { parameters, rest: null }
}

function capabilitiesAfter(forms: readonly Form[], from: number, text: string): string[] {
  const mark = forms[from]
  if (mark === undefined) return []
  if (atomText(mark) !== "!") throw new TypeTextError('expected the end or ! ["capability"…]', mark.start)
  const list = forms[from + 1]
  if (list === undefined) throw new TypeTextError('expected ["capability"…] after !', text.length)
  if (forms.length > from + 2) throw new TypeTextError("expected the end", forms[from + 2]!.start)
  return capabilityList(list)
}

function capabilityList(form: Form): string[] {
  if (!isSequence(form, "[")) throw new TypeTextError('expected capabilities in brackets, such as ["kv.get"]', form.start)
  return form.items.map(item => {
    if (item.kind !== "string") throw new TypeTextError("expected a capability in double quotes", item.start)
    return item.value
  })
}

// Types

function typeOf(form: Form): TypeTree {
  if (form.kind === "string") throw new TypeTextError("expected a type, found a string", form.start)
  if (form.kind === "atom") return namedType(form.text)
  if (form.open !== "[") throw new TypeTextError("expected a type: a name or [:name …]", form.start)
  return compoundType(form)
}

function namedType(text: string): TypeTree {
  if (/^\?[A-Za-z]/.test(text)) return { kind: "variable", name: text.slice(1), text }
  const optional = text.length > 1 && text.endsWith("?")
  const name = (optional ? text.slice(0, -1) : text).replace(/^:/, "")
  const known = primitiveNames.find(primitive => primitive === name || capitalised(primitive) === name)
  if (known === undefined) return { kind: "other", text: text.startsWith(":") ? text : `:${text}` }
  const type: TypeTree = { kind: "primitive", name: known, text: `:${known}` }
  if (!optional) return type
  const nil: TypeTree = { kind: "primitive", name: "nil", text: ":nil" }
  return { kind: "union", members: [type, nil], text: `[:union ${type.text} :nil]` }
}

function capitalised(name: string): string {
  return name[0]!.toUpperCase() + name.slice(1)
}

function compoundType(form: Sequence): TypeTree {
  const head = atomText(form.items[0])
  const parts = form.items.slice(1)
  const text = textOf(form)
  const types = () => parts.map(typeOf)
  const only = (count: number) => {
    if (parts.length !== count)
      throw new TypeTextError(`expected ${count} part${count === 1 ? "" : "s"} in [${head} …], found ${parts.length}`, form.start)
    return types()
  }
  switch (head) {
    case ":vector":
      return { kind: "vector", item: only(1)[0]!, text }
    case ":tuple":
      return { kind: "tuple", items: types(), text }
    case ":map-of":
    case ":dict": {
      const [key, value] = only(2)
      return { kind: "map-of", key: key!, value: value!, text }
    }
    case ":map":
    case ":record":
      return { kind: "map", entries: parts.flatMap(mapEntries), text }
    case ":union":
      return { kind: "union", members: types(), text }
    case ":and":
      return andType(parts, form, text)
    case ":enum":
    case ":val":
      return { kind: "enum", values: parts.map(textOf), text }
    case ":array":
      return arrayType(parts, form, text)
    case ":fn":
    case ":=>":
      return { kind: "function", shape: functionShape(form), text }
    case ":resource":
      return { kind: "other", text }
    default:
      throw new TypeTextError("expected a type such as [:vector T], [:map [:key T]] or [:union T T]", form.start)
  }
}

function mapEntries(form: Form): MapEntry[] {
  if (form.kind !== "sequence") throw new TypeTextError("expected an entry [:key T]", form.start)
  if (atomText(form.items[0]) === ":*") return []
  const entries: MapEntry[] = []
  for (let index = 0; index < form.items.length; ) {
    const key = form.items[index]!
    const type = form.items[index + 1]
    if (type === undefined || !textOf(key).startsWith(":")) throw new TypeTextError("expected an entry [:key T]", key.start)
    const optional = atomText(form.items[index + 2]) === "?"
    entries.push({ key: textOf(key), type: typeOf(type), optional })
    index += optional ? 3 : 2
  }
  return entries
}

/** Refinements begin with an operator that is no type; the first part that is a type is the base. */
function andType(parts: readonly Form[], form: Sequence, text: string): TypeTree {
  const isRefinement = (part: Form) => isSequence(part, "[") && refinements.has(atomText(part.items[0]) ?? "")
  const base = parts.find(part => !isRefinement(part))
  if (base === undefined)
    return { kind: "and", base: { kind: "primitive", name: "any", text: ":any" }, refinements: parts.map(textOf), text }
  if (parts.length === 0) throw new TypeTextError("expected a type in [:and …]", form.start)
  return { kind: "and", base: typeOf(base), refinements: parts.filter(part => part !== base).map(textOf), text }
}

const refinements: ReadonlySet<string> = new Set(
  "> < >= <= = != in-range min-length max-length length matches-regex min-count max-count count non-empty has-key required-keys"
    .split(" ")
    .map(name => `:${name}`)
)

function arrayType(parts: readonly Form[], form: Sequence, text: string): TypeTree {
  const [item, dimensions] = parts
  if (item === undefined) throw new TypeTextError("expected a type in [:array T]", form.start)
  const first = dimensions !== undefined && isSequence(dimensions, "[") ? atomText(dimensions.items[0]) : undefined
  return { kind: "array", item: typeOf(item), length: first !== undefined && /^\d{1,6}$/.test(first) ? Number(first) : null, text }
}

// Forms: what stands in brackets, strings and everything else

type Form =
  | Sequence
  | { readonly kind: "atom"; readonly text: string; readonly start: number }
  | { readonly kind: "string"; readonly text: string; readonly value: string; readonly start: number }
interface Sequence {
  readonly kind: "sequence"
  readonly open: "(" | "[" | "{"
  readonly items: readonly Form[]
  readonly start: number
}

const closing = { "(": ")", "[": "]", "{": "}" } as const
const tokenPattern = /[\s,]+|[()[\]{}]|"(?:[^"\\]|\\[\s\S])*"|->|&|!(?=\s*\[)|[^\s,()[\]{}"&]+/y

function readForms(text: string): Form[] {
  if (text.length > textLengthMax)
    throw new TypeTextError(`expected at most ${textLengthMax} characters, found ${text.length}`, textLengthMax)
  const top: Form[] = []
  const open: { open: Sequence["open"]; items: Form[]; start: number }[] = []
  for (let at = 0; at < text.length; ) {
    tokenPattern.lastIndex = at
    const token = tokenPattern.exec(text)?.[0]
    if (token === undefined) throw new TypeTextError("this string has no end", at)
    const into = open.at(-1)?.items ?? top
    if (token === "(" || token === "[" || token === "{") {
      if (open.length >= depthMax) throw new TypeTextError(`expected at most ${depthMax} levels`, at)
      open.push({ open: token, items: [], start: at })
    } else if (token === ")" || token === "]" || token === "}") {
      const done = open.pop()
      if (done === undefined || closing[done.open] !== token)
        throw new TypeTextError(done === undefined ? `nothing is open here` : `expected ${closing[done.open]}`, at)
      ;(open.at(-1)?.items ?? top).push({ kind: "sequence", ...done })
    } else if (token.startsWith('"')) {
      into.push({ kind: "string", text: token, value: unquoted(token), start: at })
    } else if (/[^\s,]/.test(token)) {
      into.push({ kind: "atom", text: token, start: at })
    }
    at += token.length
  }
  const unclosed = open.at(-1)
  if (unclosed !== undefined) throw new TypeTextError(`expected ${closing[unclosed.open]} before the end`, text.length)
  return top
}

function unquoted(token: string): string {
  try {
    return String(JSON.parse(token))
  } catch {
    return token.slice(1, -1)
  }
}

function isSequence<O extends Sequence["open"]>(form: Form | undefined, open: O): form is Sequence & { readonly open: O } {
  return form?.kind === "sequence" && form.open === open
}

function atomText(form: Form | undefined): string | undefined {
  return form?.kind === "atom" ? form.text : undefined
}

function textOf(form: Form): string {
  if (form.kind !== "sequence") return form.text
  return `${form.open}${form.items.map(textOf).join(" ")}${closing[form.open]}`
}
