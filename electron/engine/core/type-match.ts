/**
 * How far an Interface is from a TYPE that a person looks for (language page, sections 7 and 15.1). Values of the asked parameters must be taken,
 * what comes back must be of the asked result; equal variables stand for equal types; parameters may stand in another order. What departs from
 * equality is counted and said.
 */

import type { Type } from "./compiler/type-form.ts"
import type { FunctionType, TypeRequest } from "./interface.ts"
import { normalise, parseType, testOf, typeText } from "./interface.ts"
import { literalHolds, type Refinable, weaker } from "./type-literals.ts"

export interface TypeFit {
  /** 0: equal normal forms, a variable standing for whatever it met. Each departure adds its weight. */
  readonly distance: number
  /** For each parameter of the Interface the place of the asked one; null where they stand in the asked order. */
  readonly order: readonly number[] | null
  /** One phrase a departure, in the person's terms. */
  readonly notes: readonly string[]
}

/** What each departure from equality costs. */
export const departures = {
  /** Another type that takes, or promises, all that was asked. */
  wider: 1,
  /** Another order of parameters, a rest parameter for a single one. */
  place: 1,
  /** Takes only some of the values asked, or may answer nil besides. */
  doubtful: 2,
  /** A result nobody declared. */
  undeclared: 3
} as const

/** More parameters than this are compared in their order alone. */
const reorderedMax = 6
/** Comparisons of parts; beyond it two types are too large to be likened, and only equality is looked for. */
const stepsMax = 10_000
/** Characters of a type in a note. */
const shownMax = 80

/** Null where the Interface does not fit. Effects are compared only where the TYPE states them. */
export function typeFit(asked: TypeRequest, canonicalText: string): TypeFit | null {
  const found = parseType(canonicalText)
  if (found.kind === "malformed") return null
  return fitOf(asked, found)
}

export function fitOf(asked: TypeRequest, found: TypeRequest): TypeFit | null {
  if (asked.capabilities !== null && !sameEffects(asked.capabilities, found.capabilities ?? [])) return null
  const wanted = normalFunction(asked.type)
  const offered = normalFunction(found.type)
  if (asked.variables.length === 0 && typeText({ kind: "fn", ...wanted }) === typeText({ kind: "fn", ...offered }))
    return { distance: 0, order: null, notes: [] }
  return bestFit(wanted, offered)
}

/** The asked type and nothing near it: equal normal forms, each variable standing for one type throughout. */
export function matchesType(asked: TypeRequest, canonicalText: string): boolean {
  return typeFit(asked, canonicalText)?.distance === 0
}

function sameEffects(asked: readonly string[], found: readonly string[]): boolean {
  return [...new Set(asked)].sort().join("\n") === [...new Set(found)].sort().join("\n")
}

function normalFunction(type: FunctionType): FunctionType {
  return normalise({ kind: "fn", ...type }) as Extract<Type, { kind: "fn" }>
}

/** What comparing two types found out so far. Nothing is changed in place: a way that fails is left by dropping its state. */
interface State {
  readonly cost: number
  readonly notes: readonly string[]
  /** Text of the type each variable stands for. */
  readonly bound: ReadonlyMap<string, string>
}

interface Budget {
  steps: number
}

function bestFit(wanted: FunctionType, offered: FunctionType): TypeFit | null {
  const budget = { steps: stepsMax }
  const start: State = { cost: 0, notes: [], bound: new Map() }
  let best: { readonly state: State; readonly order: readonly number[] } | null = null
  for (const order of orders(wanted, offered)) {
    if (best !== null && best.state.cost <= departures.place) break
    const moved = order.some((asked, at) => asked !== at)
    const begun = moved ? departing(start, departures.place, "its parameters stand in another order") : start
    const state = fitted(order, wanted, offered, begun, budget)
    if (state !== null && (best === null || state.cost < best.state.cost)) best = { state, order }
    if (budget.steps <= 0) break
  }
  if (best === null) return null
  const { state, order } = best
  return { distance: state.cost, order: order.some((asked, at) => asked !== at) ? order : null, notes: state.notes }
}

function fitted(order: readonly number[], wanted: FunctionType, offered: FunctionType, begun: State, budget: Budget): State | null {
  let state: State | null = begun
  for (const [at, askedAt] of order.entries()) {
    const parameter = offered.params[at] ?? offered.rest
    const given = wanted.params[askedAt]
    if (parameter === undefined || parameter === null || given === undefined || state === null) return null
    state = taken(given, parameter, state, budget)
  }
  if (state !== null && wanted.rest !== null) state = offered.rest === null ? null : taken(wanted.rest, offered.rest, state, budget)
  else if (state !== null && offered.rest !== null) state = departing(state, departures.place, "it takes further arguments")
  return state === null ? null : answered(offered.result, wanted.result, state, budget)
}

/** Places of the asked parameters, the asked order first. Parameters of equal type change nothing by changing places, so they do not. */
function* orders(wanted: FunctionType, offered: FunctionType): Iterable<readonly number[]> {
  const count = wanted.params.length
  if (offered.rest === null ? count !== offered.params.length : count < offered.params.length) return
  const plain = Array.from({ length: count }, (_, at) => at)
  yield plain
  if (count < 2 || count > reorderedMax) return
  const texts = wanted.params.map(typeText)
  for (const order of permutations(plain, texts)) if (order.some((asked, at) => asked !== at)) yield order
}

function* permutations(left: readonly number[], texts: readonly string[]): Iterable<number[]> {
  if (left.length === 0) yield []
  const tried = new Set<string>()
  for (const [at, first] of left.entries()) {
    if (tried.has(texts[first] as string)) continue
    tried.add(texts[first] as string)
    for (const others of permutations(left.toSpliced(at, 1), texts)) yield [first, ...others]
  }
}

/** Whether a parameter takes what is given. */
function taken(given: Type, parameter: Type, state: State, budget: Budget): State | null {
  const whole = within(given, parameter, state, budget)
  if (whole !== null) return whole
  // A refinement narrows what is taken without being another kind of thing.
  const bare = withoutRefinements(parameter)
  const partly = bare === null ? null : within(given, bare, state, budget)
  if (partly === null) return null
  return departing(partly, departures.doubtful, `it takes only ${shown(parameter)} for ${shown(given)}`)
}

/** Whether what comes back is what was asked for. */
function answered(result: Type, asked: Type, state: State, budget: Budget): State | null {
  const whole = within(result, asked, state, budget)
  if (whole !== null) return whole
  if (isNamed(result, "any")) return departing(state, departures.undeclared, "its result is not declared")
  const present = withoutNil(result)
  const partly = present === null ? null : within(present, asked, state, budget)
  if (partly !== null) return departing(partly, departures.doubtful, "it may answer nil")
  // What is declared to give floats gives integers too, and often does where it is given them.
  const exactly = within(withIntegers(result), asked, state, budget)
  return exactly === null ? null : departing(exactly, departures.doubtful, "it may answer a float")
}

/** The type with integers in the place of floats, inside vectors and tuples too. */
function withIntegers(type: Type): Type {
  if (isNamed(type, "float")) return { kind: "name", name: "int" }
  if (type.kind === "vector") return { kind: "vector", of: withIntegers(type.of) }
  return type.kind === "tuple" ? { kind: "tuple", items: type.items.map(withIntegers) } : type
}

/**
 * Whether every value of `inner` is one of `outer`, by what the types test. Variables stand on one side only, that of what was asked.
 * Both are normal forms.
 */
function within(inner: Type, outer: Type, state: State, budget: Budget): State | null {
  if (--budget.steps <= 0) return null
  if (inner.kind === "variable") return bind(inner.name, outer, state)
  if (outer.kind === "variable") return bind(outer.name, inner, state)
  const same = sameShape(inner, outer, state, budget)
  if (same !== null) return same
  const wider = widened(inner, outer, state, budget)
  return wider === null || wider.cost > state.cost
    ? wider
    : departing(wider, departures.wider, `${shown(inner)} stands for ${shown(outer)}`)
}

function bind(name: string, type: Type, state: State): State | null {
  const text = typeText(type)
  const before = state.bound.get(name)
  if (before !== undefined) return before === text ? state : null
  return { ...state, bound: new Map(state.bound).set(name, text) }
}

/** Types of one constructor, part by part. */
function sameShape(inner: Type, outer: Type, state: State, budget: Budget): State | null {
  switch (inner.kind) {
    case "name":
      return outer.kind === "name" && inner.name === outer.name ? state : null
    case "resource":
      return outer.kind === "resource" && inner.name === outer.name ? state : null
    case "enum":
      return outer.kind === "enum" && typeText(inner) === typeText(outer) ? state : null
    case "vector":
      return outer.kind === "vector" ? within(inner.of, outer.of, state, budget) : null
    case "array":
      return outer.kind === "array" && String(inner.dimensions) === String(outer.dimensions)
        ? within(inner.of, outer.of, state, budget)
        : null
    case "tuple":
      return outer.kind === "tuple" ? allWithin(inner.items, outer.items, state, budget) : null
    case "map-of":
      return outer.kind === "map-of" ? allWithin([inner.key, inner.value], [outer.key, outer.value], state, budget) : null
    case "map":
      return outer.kind === "map" ? mapWithin(inner, outer, state, budget) : null
    case "union":
      return outer.kind === "union" ? sameUnion(inner.of, outer.of, state, budget) : null
    case "and":
      return outer.kind === "and" && refinementTexts(inner) === refinementTexts(outer) ? allWithin(inner.of, outer.of, state, budget) : null
    case "fn":
      return outer.kind === "fn" ? sameFunction(inner, outer, state, budget) : null
    case "variable":
      return null
  }
}

function allWithin(inner: readonly Type[], outer: readonly Type[], start: State, budget: Budget): State | null {
  if (inner.length !== outer.length) return null
  let state: State | null = start
  for (const [at, one] of inner.entries()) {
    state = within(one, outer[at] as Type, state, budget)
    if (state === null) return null
  }
  return state
}

type MapType = Extract<Type, { kind: "map" }>

/** A map with more keys is one with fewer. A key that may be absent outside and is not named inside is taken on trust: maps may hold anything besides. */
function mapWithin(inner: MapType, outer: MapType, start: State, budget: Budget): State | null {
  const named = new Map(inner.entries.map(entry => [entry.key, entry]))
  let state: State | null = start
  for (const entry of outer.entries) {
    const one = named.get(entry.key)
    if (one === undefined) {
      if (!entry.optional) return null
      state = departing(state, departures.wider, `the key :${entry.key} may be absent`)
      continue
    }
    if (one.optional && !entry.optional) return null
    state = within(one.type, entry.type, state, budget)
    if (state === null) return null
    if (!one.optional && entry.optional) state = departing(state, departures.wider, `the key :${entry.key} may be absent`)
  }
  const more = inner.entries.filter(entry => !outer.entries.some(({ key }) => key === entry.key))
  return more.length === 0 ? state : departing(state, departures.wider, `further keys: ${more.map(({ key }) => `:${key}`).join(", ")}`)
}

/** Equal members cancel out; what is left must be one variable for the rest, or fit member by member in some order. */
function sameUnion(inner: readonly Type[], outer: readonly Type[], state: State, budget: Budget): State | null {
  budget.steps -= inner.length + outer.length
  if (budget.steps <= 0) return null
  const texts = new Set(outer.map(typeText))
  const own = new Set(inner.map(typeText))
  const left = inner.filter(one => !texts.has(typeText(one)))
  const right = outer.filter(one => !own.has(typeText(one)))
  if (left.length === 0 && right.length === 0) return state
  const [onlyLeft, onlyRight] = [left[0], right[0]]
  if (left.length === 1 && onlyLeft?.kind === "variable" && right.length > 0)
    return bind(onlyLeft.name, normalise({ kind: "union", of: right }), state)
  if (right.length === 1 && onlyRight?.kind === "variable" && left.length > 0)
    return bind(onlyRight.name, normalise({ kind: "union", of: left }), state)
  if (left.length !== right.length || onlyLeft === undefined) return null
  for (const [at, candidate] of right.entries()) {
    const one = within(onlyLeft, candidate, state, budget)
    const rest = one === null ? null : sameUnion(left.slice(1), right.toSpliced(at, 1), one, budget)
    if (rest !== null) return rest
  }
  return null
}

/** Function types test for any function, so they differ only in what they tell the reader. */
function sameFunction(
  inner: Extract<Type, { kind: "fn" }>,
  outer: Extract<Type, { kind: "fn" }>,
  state: State,
  budget: Budget
): State | null {
  const parts = (type: typeof inner) => [...type.params, ...(type.rest === null ? [] : [type.rest]), type.result]
  if ((inner.rest === null) !== (outer.rest === null)) return null
  return allWithin(parts(inner), parts(outer), state, budget)
}

/** `inner` within another constructor's `outer`. */
function widened(inner: Type, outer: Type, state: State, budget: Budget): State | null {
  if (isNamed(outer, "any") || isNamed(inner, "never")) return state
  if (inner.kind === "union") return everyMember(inner.of, outer, state, budget)
  if (inner.kind === "enum" && inner.values.every(value => literalHolds(value, testOf(outer)))) return state
  if (outer.kind === "union") return someMember(inner, outer.of, state, budget)
  if (outer.kind === "and") return intoConjunction(inner, outer, state, budget)
  if (inner.kind === "and") return firstOf(inner.of, part => within(part, outer, state, budget))
  if (isNamed(inner, "int") && isNamed(outer, "float")) return state
  if (inner.kind === "fn") return isNamed(outer, "fn") || outer.kind === "fn" ? state : null
  if (isNamed(inner, "fn")) return outer.kind === "fn" ? state : null
  if (outer.kind === "map") return inner.kind === "map-of" && outer.entries.every(entry => entry.optional) ? state : null
  return sequenceWithin(inner, outer, state, budget)
}

/** Tuples, vectors and arrays are all vectors; only the length and the place of a type differ. */
function sequenceWithin(inner: Type, outer: Type, state: State, budget: Budget): State | null {
  const items = inner.kind === "tuple" ? inner.items : inner.kind === "vector" || inner.kind === "array" ? [inner.of] : null
  if (items === null) return null
  const length = inner.kind === "tuple" ? BigInt(inner.items.length) : inner.kind === "array" ? fixedLength(inner) : null
  if (outer.kind === "vector" || (outer.kind === "array" && (fixedLength(outer) === null || fixedLength(outer) === length)))
    return everyMember(items, outer.of, state, budget)
  if (outer.kind === "tuple" && inner.kind === "array" && length === BigInt(outer.items.length))
    return allWithin(
      outer.items.map(() => inner.of),
      outer.items,
      state,
      budget
    )
  return null
}

function fixedLength(type: Extract<Type, { kind: "array" }>): bigint | null {
  const first = type.dimensions?.[0]
  return typeof first === "bigint" ? first : null
}

function everyMember(members: readonly Type[], outer: Type, start: State, budget: Budget): State | null {
  let state: State | null = start
  for (const member of members) {
    state = within(member, outer, state, budget)
    if (state === null) return null
  }
  return state
}

function someMember(inner: Type, members: readonly Type[], state: State, budget: Budget): State | null {
  return firstOf(members, member => within(inner, member, state, budget))
}

function intoConjunction(inner: Type, outer: Refinable, state: State, budget: Budget): State | null {
  if (inner.kind !== "and" || !outer.refinements.every(wanted => inner.refinements.some(held => weaker(wanted, held)))) return null
  return everyPart(outer.of, part => firstOf(inner.of, own => within(own, part, state, budget)), state)
}

function everyPart(parts: readonly Type[], fits: (part: Type) => State | null, state: State): State | null {
  return parts.every(part => fits(part) !== null) ? state : null
}

function firstOf(types: readonly Type[], fits: (type: Type) => State | null): State | null {
  for (const type of types) {
    const state = fits(type)
    if (state !== null) return state
  }
  return null
}

function withoutRefinements(type: Type): Type | null {
  if (type.kind !== "and" || type.refinements.length === 0) return null
  return normalise({ kind: "and", of: type.of, refinements: [] })
}

function withoutNil(type: Type): Type | null {
  if (type.kind !== "union" || !type.of.some(member => isNamed(member, "nil"))) return null
  return normalise({ kind: "union", of: type.of.filter(member => !isNamed(member, "nil")) })
}

function refinementTexts(type: Refinable): string {
  return typeText({ kind: "and", of: [], refinements: type.refinements })
}

function shown(type: Type): string {
  const text = typeText(type)
  return text.length > shownMax ? `${text.slice(0, shownMax)}…` : text
}

function isNamed(type: Type, name: string): boolean {
  return type.kind === "name" && type.name === name
}

function departing(state: State, cost: number, note: string): State {
  return { ...state, cost: state.cost + cost, notes: [...state.notes, note] }
}
