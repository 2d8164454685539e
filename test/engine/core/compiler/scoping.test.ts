/** Scopes, captures and forward references against a second, naive reading of the language page (section 4 and 5.3), over random programs. */
import fc from "fast-check"
import { expect, test } from "vitest"
import { loadPinnedRuntime } from "../../../../electron/engine/adapters/pinned-runtime.ts"
import { createRuntimeFunctions } from "../../../../electron/engine/adapters/runtime-functions.ts"
import { analyse } from "../../../../electron/engine/core/compiler/analyse.ts"
import { infer } from "../../../../electron/engine/core/compiler/infer.ts"
import { interpret } from "../../../../electron/engine/core/interpreter/interpret.ts"
import { printValue } from "../../../../electron/engine/core/print.ts"

type Tree =
  | { readonly op: "int"; readonly value: number }
  | { readonly op: "name"; readonly name: string }
  | { readonly op: "vector" | "do" | "call"; readonly parts: readonly Tree[] }
  | { readonly op: "def"; readonly name: string; readonly value: Tree }
  | { readonly op: "defn"; readonly name: string; readonly params: readonly string[]; readonly body: readonly Tree[] }
  | { readonly op: "fn"; readonly params: readonly string[]; readonly body: readonly Tree[] }
  | { readonly op: "let"; readonly bindings: readonly (readonly [string, Tree])[]; readonly body: readonly Tree[] }
  | { readonly op: "try"; readonly body: Tree; readonly handler: Tree }

function textOf(tree: Tree): string {
  const all = (parts: readonly Tree[]) => parts.map(textOf).join(" ")
  switch (tree.op) {
    case "int":
      return `${tree.value}`
    case "name":
      return tree.name
    case "vector":
      return `[${all(tree.parts)}]`
    case "do":
      return `(do ${all(tree.parts)})`
    case "call":
      return `(${all(tree.parts)})`
    case "def":
      return `(def ${tree.name} ${textOf(tree.value)})`
    case "defn":
      return `(defn ${tree.name} [${tree.params.join(" ")}] ${all(tree.body)})`
    case "fn":
      return `(fn [${tree.params.join(" ")}] ${all(tree.body)})`
    case "let":
      return `(let [${tree.bindings.map(([name, value]) => `${name} ${textOf(value)}`).join(" ")}] ${all(tree.body)})`
    case "try":
      return `(try ${textOf(tree.body)} (catch e ${textOf(tree.handler)}))`
  }
}

// ---- the naive reading: scopes are maps, a closure copies what is bound when it is made

class Failure extends Error {}
class GiveUp extends Error {}

interface Fun {
  readonly params: readonly string[]
  readonly body: readonly Tree[]
  readonly env: Captured
}
type Result = number | readonly Result[] | Fun

/** A scope of the running activation. `planned`: the definitions it will have, in order; `done`: the values of those passed. */
interface Frame {
  readonly bound: Map<string, Result>
  readonly planned: readonly string[]
  readonly done: Result[]
  /** While a function binding of a let is made: what its names mean inside. */
  inside: Map<string, Box> | null
}

interface Box {
  value: Result | undefined
}

/** What a closure sees: copies, boxes for functions of its let, and later definitions of the scopes around it. */
interface Captured {
  readonly copies: ReadonlyMap<string, Result>
  readonly boxes: ReadonlyMap<string, Box>
  readonly later: readonly { readonly frame: Frame; readonly from: number }[]
  readonly outer: Captured | null
}

class Reading {
  #steps = 0

  program(items: readonly Tree[]): Result {
    return this.#sequence(items, [newFrame(items)], null)
  }

  #sequence(items: readonly Tree[], frames: readonly Frame[], env: Captured | null): Result {
    let last: Result = []
    for (const item of items) last = this.#eval(item, frames, env)
    return last
  }

  #eval(tree: Tree, frames: readonly Frame[], env: Captured | null): Result {
    this.#steps += 1
    if (this.#steps > 2_000) throw new GiveUp()
    switch (tree.op) {
      case "int":
        return tree.value
      case "name":
        return lookup(tree.name, frames, env)
      case "vector":
        return tree.parts.map(part => this.#eval(part, frames, env))
      case "do":
        return this.#sequence(tree.parts, frames, env)
      case "call": {
        const [fn, ...args] = tree.parts.map(part => this.#eval(part, frames, env))
        return this.#apply(fn!, args)
      }
      case "def":
        return define(frames[0]!, tree.name, this.#eval(tree.value, frames, env))
      case "defn": {
        const self: Box = { value: undefined }
        const fun = capture(tree, frames, env, new Map([[tree.name, self]]))
        self.value = fun
        return define(frames[0]!, tree.name, fun)
      }
      case "fn":
        return capture(tree, frames, env, new Map())
      case "let":
        return this.#let(tree, frames, env)
      case "try":
        try {
          return this.#eval(tree.body, [newFrame([]), ...frames], env)
        } catch (failure) {
          if (!(failure instanceof Failure)) throw failure
          return this.#eval(tree.handler, [newFrame([tree.handler]), ...frames], env)
        }
    }
  }

  #let(tree: Extract<Tree, { op: "let" }>, frames: readonly Frame[], env: Captured | null): Result {
    const frame = newFrame([...tree.bindings.map(([, value]) => value), ...tree.body])
    const inner = [frame, ...frames]
    const boxes = tree.bindings.map(([, value]): Box | null => (value.op === "fn" || value.op === "defn" ? { value: undefined } : null))
    for (const [index, [name, value]] of tree.bindings.entries()) {
      const own = boxes[index]
      frame.inside = own == null ? null : meaningsInside(tree.bindings, boxes, index, frame)
      const result = this.#eval(value, inner, env)
      frame.inside = null
      if (own != null) own.value = result
      frame.bound.set(name, result)
    }
    return this.#sequence(tree.body, inner, env)
  }

  #apply(fn: Result, args: readonly Result[]): Result {
    if (typeof fn === "number" || !("params" in fn)) throw new Failure("type-error")
    if (fn.params.length !== args.length) throw new Failure("arity-mismatch")
    const params: Frame = { ...newFrame([]), bound: new Map(fn.params.map((name, index) => [name, args[index]!])) }
    return this.#sequence(fn.body, [newFrame(fn.body), params], fn.env)
  }
}

/** Inside a function binding: itself, or an earlier binding of the name, or the next function of that name. */
function meaningsInside(
  bindings: readonly (readonly [string, Tree])[],
  boxes: readonly (Box | null)[],
  active: number,
  frame: Frame
): Map<string, Box> {
  const meanings = new Map<string, Box>()
  for (const [index, [name]] of bindings.entries()) {
    const box = boxes[index]
    if (box == null || meanings.has(name) || index < active || (index > active && frame.bound.has(name))) continue
    meanings.set(name, box)
  }
  const own = bindings[active]![0]
  meanings.set(own, boxes[active]!)
  return meanings
}

function newFrame(body: readonly Tree[]): Frame {
  return { bound: new Map(), planned: body.flatMap(definitions), done: [], inside: null }
}

/** Names defined in the scope an expression is evaluated in, in order. */
function definitions(tree: Tree): string[] {
  switch (tree.op) {
    case "def":
      return [...definitions(tree.value), tree.name]
    case "defn":
      return [tree.name]
    case "vector":
    case "do":
    case "call":
      return tree.parts.flatMap(definitions)
    default:
      return []
  }
}

function define(frame: Frame, name: string, value: Result): Result {
  frame.bound.set(name, value)
  frame.done.push(value)
  return value
}

function capture(
  tree: { readonly params: readonly string[]; readonly body: readonly Tree[] },
  frames: readonly Frame[],
  outer: Captured | null,
  own: Map<string, Box>
): Fun {
  const copies = new Map<string, Result>(outer?.copies)
  const boxes = new Map<string, Box>(outer?.boxes)
  for (const frame of frames.toReversed()) {
    for (const [name, value] of frame.bound) {
      copies.set(name, value)
      boxes.delete(name)
    }
    for (const [name, box] of frame.inside ?? []) boxes.set(name, box)
  }
  for (const [name, box] of own) boxes.set(name, box)
  return {
    params: tree.params,
    body: tree.body,
    env: { copies, boxes, later: frames.map(frame => ({ frame, from: frame.done.length })), outer }
  }
}

function lookup(name: string, frames: readonly Frame[], env: Captured | null): Result {
  for (const frame of frames) {
    const value = frame.bound.get(name)
    if (value !== undefined) return value
  }
  for (let at = env; at !== null; at = at.outer) {
    const box = at === env ? at.boxes.get(name) : undefined
    if (box !== undefined) return present(box.value)
    const copy = at === env ? at.copies.get(name) : undefined
    if (copy !== undefined) return copy
  }
  for (let at = env; at !== null; at = at.outer) {
    for (const { frame, from } of at.later) {
      const index = frame.planned.indexOf(name, from)
      if (index >= 0) return present(frame.done[index])
    }
  }
  throw new Failure("undefined-symbol")
}

function present(value: Result | undefined): Result {
  if (value === undefined) throw new Failure("undefined-symbol")
  return value
}

function showResult(result: Result): string {
  if (typeof result === "number") return `${result}`
  return "params" in result ? "#<fn>" : `[${result.map(showResult).join(" ")}]`
}

// ---- both readings side by side

const names = fc.constantFrom("a", "b", "c")

/** `defs`: whether a definition may stand here: what it defines must be certain. */
const tree: (depth: number, defs: boolean) => fc.Arbitrary<Tree> = (depth, defs) => {
  const guarded = (body: Tree): Tree => ({ op: "try", body, handler: { op: "int", value: 99 } })
  const leaf: fc.Arbitrary<Tree> = fc.oneof(
    names.map((name): Tree => guarded({ op: "name", name })),
    names.map((name): Tree => guarded({ op: "call", parts: [{ op: "name", name }] })),
    names.map(
      (name): Tree =>
        guarded({
          op: "call",
          parts: [
            { op: "name", name },
            { op: "int", value: 7 }
          ]
        })
    ),
    fc.nat({ max: 9 }).map((value): Tree => ({ op: "int", value })),
    names.map((name): Tree => ({ op: "name", name }))
  )
  if (depth === 0) return leaf
  const inner = fc.oneof({ weight: 1, arbitrary: leaf }, { weight: 3, arbitrary: fc.constant(null).chain(() => tree(depth - 1, defs)) })
  const free = fc.constant(null).chain(() => tree(depth - 1, true))
  const bare = fc.constant(null).chain(() => tree(depth - 1, false))
  const body = fc.array(free, { minLength: 1, maxLength: 3 })
  const fn = fc.tuple(fc.subarray(["a", "b"], { maxLength: 1 }), body).map(([params, forms]): Tree => ({ op: "fn", params, body: forms }))
  const choices: fc.Arbitrary<Tree>[] = [
    leaf,
    fn,
    fc.array(inner, { maxLength: 3 }).map((parts): Tree => ({ op: "vector", parts })),
    fc.array(inner, { minLength: 1, maxLength: 3 }).map((parts): Tree => ({ op: "do", parts })),
    fc.array(bare, { minLength: 1, maxLength: 2 }).map((parts): Tree => guarded({ op: "call", parts })),
    fc
      .tuple(fc.array(fc.tuple(names, fc.oneof(fn, free)), { maxLength: 3 }), body)
      .map(([bindings, forms]): Tree => ({ op: "let", bindings, body: forms })),
    fc.tuple(bare, free).map(([attempt, handler]): Tree => ({ op: "try", body: attempt, handler }))
  ]
  if (defs) {
    choices.push(
      fc.tuple(names, inner).map(([name, value]): Tree => ({ op: "def", name, value })),
      fc
        .tuple(names, fc.subarray(["a", "b"], { maxLength: 1 }), body)
        .map(([name, params, forms]): Tree => ({ op: "defn", name, params, body: forms }))
    )
  }
  return fc.oneof(...choices)
}

const functions = createRuntimeFunctions(loadPinnedRuntime().bytes)

function compiled(source: string): string {
  const analysed = analyse(source, { programMode: true })
  if (analysed.kind === "rejected") return `rejected ${analysed.diagnostics[0]?.message}`
  const show = (program: typeof analysed.program) => {
    const ended = interpret(program, { functions, fuelMax: 100_000 })
    return ended.kind === "returned" ? printValue(ended.value) : ended.kind === "failed" ? ended.category : ended.kind
  }
  const plain = show(analysed.program)
  expect(show(infer(analysed.program))).toBe(plain)
  return plain
}

function read(items: readonly Tree[]): string | null {
  try {
    return showResult(new Reading().program(items))
  } catch (failure) {
    if (failure instanceof Failure) return failure.message
    if (failure instanceof GiveUp || failure instanceof RangeError) return null
    throw failure
  }
}

test("random programs of definitions, lets and closures mean the same in both readings", () => {
  fc.assert(
    fc.property(fc.array(tree(4, true), { minLength: 1, maxLength: 6 }), items => {
      const expected = read(items)
      if (expected === null) return
      const source = items.map(textOf).join("\n")
      expect(compiled(source), source).toBe(expected)
    }),
    { numRuns: 1_500, seed: 4 }
  )
})
