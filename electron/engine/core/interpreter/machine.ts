/** The machine that runs flat code: one loop, one operand stack, one stack of frames. Depth is bounded by the recursion limit, work by fuel. */
import type { Value } from "../../../../shared/value.ts"
import { arityMessage, builtins, closureName } from "../compiler/builtins.ts"
import type { IrProgram } from "../compiler/ir.ts"
import { TooNested } from "../order.ts"
import type { Budget } from "./budget.ts"
import type { BuiltinContext, Callback, CallingBuiltin, SimpleBuiltin } from "./builtin.ts"
import { callingBuiltins } from "./calling-builtins.ts"
import { matchesType } from "./check.ts"
import type { Code, Instruction } from "./code.ts"
import { codeOf } from "./code.ts"
import { collectionBuiltins } from "./collection-builtins.ts"
import { jsonBuiltins } from "./json.ts"
import { numberBuiltins } from "./number-builtins.ts"
import { callKeyword, primitives } from "./primitives.ts"
import type { RuntimeFunctions } from "./runtime-functions.ts"
import { stringBuiltins } from "./string-builtins.ts"
import type { BuiltinFunction, CategorisedError, Closure, Slot } from "./value.ts"
import {
  Cell,
  isError,
  isFunction,
  isKeyword,
  isMap,
  itemsOf,
  listOf,
  mapOf,
  plainValue,
  Raised,
  typeError,
  typeName,
  unset
} from "./value.ts"

/** Closure calls that may be active at once; `main` of a program and the initialisation of modules are none. */
export const recursionMax = 10_000

const simple: readonly (SimpleBuiltin | undefined)[] = builtins.map(
  ({ name: own, implementation: name }) =>
    stringBuiltins[own] ?? numberBuiltins[name] ?? stringBuiltins[name] ?? collectionBuiltins[name] ?? jsonBuiltins[name]
)
const calling: readonly (CallingBuiltin | undefined)[] = builtins.map(({ implementation: name }) => callingBuiltins[name])

/** Every builtin as the one value that it is. */
const builtinValues: readonly BuiltinFunction[] = builtins.map((_, builtin) => ({ kind: "function", builtin }))

/** What the host knows: answers a call, or leaves it unanswered, which ends the run. */
export type Host = (capability: string, args: readonly Value[]) => Value | { readonly failure: string } | undefined

/** Thrown when a host call has no answer; no program can catch it. */
export class NeedsHost extends Error {
  readonly capability: string
  readonly args: readonly Value[]

  constructor(capability: string, args: readonly Value[]) {
    super(`no answer for ${capability}`)
    this.capability = capability
    this.args = args
  }
}

/** A function of the program being run. */
interface CodeFrame {
  readonly instructions: readonly Instruction[]
  readonly locals: Slot[]
  readonly captures: readonly Slot[]
  readonly self: Closure | null
  readonly base: number
  readonly depth: number
  pc: number
}

/** A builtin that waits for a callback. */
interface BuiltinFrame {
  readonly calls: Generator<Callback, Value, Value>
  readonly depth: number
  readonly site: number
}

type Frame = CodeFrame | BuiltinFrame

interface Handler {
  readonly frames: number
  readonly height: number
  readonly target: number
}

export class Machine {
  readonly #program: IrProgram
  readonly #host: Host
  readonly #context: BuiltinContext
  readonly #codes: (Code | undefined)[] = []
  readonly #globals: Slot[]
  readonly #stack: Slot[] = []
  readonly #frames: Frame[] = []
  readonly #handlers: Handler[] = []
  #site = -1

  constructor(program: IrProgram, functions: RuntimeFunctions, budget: Budget, host: Host) {
    this.#program = program
    this.#host = host
    this.#context = { functions, budget }
    this.#globals = program.globals.map(() => unset)
  }

  /** Runs a function of the program. `counts`: whether it is a closure call. Throws what no handler of the program caught. */
  run(fn: number, args: readonly Value[], counts: boolean): Value {
    this.#enter(fn, null, [...args], counts ? 1 : 0)
    for (;;) {
      try {
        return this.#loop()
      } catch (failure) {
        this.#handle(failure)
      }
    }
  }

  /** Goes on at the innermost handler, or gives the failure to the caller. */
  #handle(thrown: unknown): void {
    const failure = thrown instanceof TooNested ? new Raised("recursion-limit", "Recursion limit exceeded") : thrown
    if (!(failure instanceof Raised)) throw failure
    const handler = this.#handlers.pop()
    if (handler === undefined) throw failure.error.site < 0 ? placed(failure, this.#site) : failure
    this.#frames.length = handler.frames
    this.#stack.length = handler.height
    this.#stack.push(failure.error)
    const frame = this.#frames.at(-1) as CodeFrame
    frame.pc = handler.target
  }

  #enter(fn: number, self: Closure | null, args: Slot[], depth: number): void {
    const { fixed, rest, paramChecks } = this.#program.functions[fn]!
    if (args.length < fixed || (!rest && args.length > fixed)) {
      throw new Raised("arity-mismatch", arityMessage(closureName, fixed, rest ? null : fixed, args.length))
    }
    if (rest) args.push(listOf(args.splice(fixed) as Value[]))
    // What a boxed entry checks before it unboxes; -1 all along unless representations were inferred.
    for (const [param, type] of paramChecks.entries()) if (type >= 0) this.#check(args[param] as Value, type, false)
    this.#enterKnown(fn, self, args, depth)
  }

  /** `args` are the fixed arguments and the rest list. */
  #enterKnown(fn: number, self: Closure | null, args: Slot[], depth: number): void {
    this.#context.budget.charge(1)
    if (depth > recursionMax) throw new Raised("recursion-limit", "Recursion limit exceeded")
    const code = (this.#codes[fn] ??= codeOf(this.#program.functions[fn]!))
    while (args.length < code.locals) args.push(null)
    this.#frames.push({
      instructions: code.instructions,
      locals: args,
      captures: self?.captures ?? [],
      self,
      base: this.#stack.length,
      depth,
      pc: 0
    })
  }

  /** Applies a value: pushes a frame, or the result. */
  #apply(fn: Value, args: Value[], depth: number, site: number): void {
    if (isKeyword(fn)) {
      if (args.length < 1 || args.length > 2) throw new Raised("arity-mismatch", arityMessage(`:${fn.name}`, 1, 2, args.length))
      this.#stack.push((callKeyword as (...operands: unknown[]) => Slot)(fn, ...args))
    } else if (!isFunction(fn)) throw typeError("call", "function", fn)
    else if ("builtin" in fn) {
      const { name, minArity, maxArity } = builtins[fn.builtin]!
      if (args.length < minArity || (maxArity !== null && args.length > maxArity)) {
        throw new Raised("arity-mismatch", arityMessage(name, minArity, maxArity, args.length))
      }
      this.#applyBuiltin(fn.builtin, args, depth, site)
    } else this.#enter(fn.fn, fn, args, depth + 1)
  }

  #applyBuiltin(builtin: number, args: Value[], depth: number, site: number): void {
    this.#context.budget.charge(1)
    const direct = simple[builtin]
    if (direct !== undefined) this.#stack.push(direct(args, this.#context))
    else {
      const frame: BuiltinFrame = { calls: calling[builtin]!(args, this.#context), depth, site }
      this.#frames.push(frame)
      this.#resume(frame, null)
    }
  }

  /** Lets a builtin go on with the result of its callback; it calls again, or is done. */
  #resume(frame: BuiltinFrame, result: Value): void {
    this.#context.budget.charge(1)
    this.#site = frame.site
    const next = frame.calls.next(result)
    if (next.done) {
      this.#frames.pop()
      this.#stack.push(next.value)
    } else this.#apply(next.value.fn, [...next.value.args], frame.depth, frame.site)
  }

  #loop(): Value {
    for (;;) {
      const frame = this.#frames.at(-1)
      if (frame === undefined) return this.#stack.pop() as Value
      if ("calls" in frame) this.#resume(frame, this.#stack.pop() as Value)
      else this.#execute(frame)
    }
  }

  /** Runs a frame until another one is on top. */
  #execute(frame: CodeFrame): void {
    const { instructions, locals } = frame
    const stack = this.#stack
    const frames = this.#frames
    for (;;) {
      const instruction = instructions[frame.pc]!
      frame.pc += 1
      switch (instruction.do) {
        case "push":
          stack.push(instruction.value)
          break
        case "local":
          stack.push(locals[instruction.index]!)
          break
        case "store":
          locals[instruction.index] = stack.pop()!
          break
        case "capture":
          stack.push(frame.captures[instruction.index]!)
          break
        case "self":
          stack.push(frame.self!)
          break
        case "global": {
          const value = this.#globals[instruction.index]!
          if (value === unset && instruction.checked) this.#undefined(this.#program.globals[instruction.index]!.name, instruction.site)
          stack.push(value)
          break
        }
        case "set-global":
          this.#globals[instruction.index] = stack.pop()!
          break
        case "builtin":
          stack.push(builtinValues[instruction.index]!)
          break
        case "pop":
          stack.pop()
          break
        case "jump":
          frame.pc = instruction.target
          break
        case "jump-unless":
          if (stack.pop() === false) frame.pc = instruction.target
          break
        case "again":
          this.#context.budget.charge(1)
          stack.length = frame.base + instruction.height
          frame.pc = instruction.target
          break
        case "leave":
          stack.length = frame.base + instruction.height
          frame.pc = instruction.target
          break
        case "return": {
          const result = stack.pop()!
          stack.length = frame.base
          stack.push(result)
          frames.pop()
          return
        }
        case "call-known": {
          this.#site = instruction.site
          const args = this.#take(instruction.count)
          const self = instruction.closure ? (stack.pop() as Closure) : null
          this.#enterKnown(instruction.fn, self, args, frame.depth + (instruction.counted ? 1 : 0))
          return
        }
        case "call-value": {
          this.#site = instruction.site
          const args = this.#take(instruction.count) as Value[]
          this.#apply(stack.pop() as Value, args, frame.depth, instruction.site)
          if (frames.at(-1) !== frame) return
          break
        }
        case "call-builtin":
          this.#site = instruction.site
          this.#applyBuiltin(instruction.builtin, this.#take(instruction.count) as Value[], frame.depth, instruction.site)
          if (frames.at(-1) !== frame) return
          break
        case "try":
          this.#handlers.push({ frames: frames.length, height: stack.length, target: instruction.target })
          break
        case "end-try":
          this.#handlers.pop()
          break
        default:
          this.#rare(instruction, frame)
      }
    }
  }

  #rare(instruction: Instruction, frame: CodeFrame): void {
    const stack = this.#stack
    switch (instruction.do) {
      case "prim": {
        this.#site = instruction.site
        const operands = this.#take(instruction.count)
        stack.push((primitives[instruction.prim] as (...operands: Slot[]) => Slot)(...operands))
        return
      }
      case "closure": {
        const captures = this.#take(instruction.count)
        const closure: Closure = { kind: "function", fn: instruction.fn, captures }
        stack.push(closure)
        return
      }
      case "make": {
        const items = this.#take(instruction.count) as Value[]
        stack.push(instruction.kind === "vector" ? items : listOf(items))
        return
      }
      case "make-map": {
        const values = this.#take(instruction.keys.length) as Value[]
        stack.push(mapOf(instruction.keys.map((key, index) => [key, values[index]!])))
        return
      }
      case "check":
        this.#site = instruction.site
        this.#check(stack.at(-1) as Value, instruction.type, instruction.each)
        return
      case "raise":
        this.#site = instruction.node.site
        throw new Raised(instruction.node.category, instruction.node.message)
      case "cell":
        stack.push(new Cell())
        return
      case "cell-get": {
        const { value } = stack.pop() as Cell
        if (value === unset && instruction.name !== null) this.#undefined(instruction.name, instruction.site)
        stack.push(value)
        return
      }
      case "set-cell": {
        const value = stack.pop()!
        ;(stack.pop() as Cell).value = value
        return
      }
      case "finish": {
        const value = frame.locals[instruction.value]!
        if (frame.locals[instruction.failed] === true) throw new Again(value as CategorisedError)
        stack.push(value)
        return
      }
      case "host":
        this.#site = instruction.site
        stack.push(this.#askHost(this.#program.capabilities[instruction.capability]!, this.#take(instruction.count) as Value[]))
        return
      default:
        throw new Error(`unknown instruction ${instruction.do}`)
    }
  }

  #take(count: number): Slot[] {
    return count === 0 ? [] : this.#stack.splice(this.#stack.length - count, count)
  }

  #undefined(name: string, site: number): never {
    this.#site = site
    throw new Raised("undefined-symbol", `Undefined symbol: ${name}`)
  }

  #check(value: Value, type: number, each: boolean): void {
    const { text, test } = this.#program.types[type]!
    const values = each ? (value as { items: readonly Value[] }).items : [value]
    for (const item of values) {
      if (!matchesType(item, test, this.#context))
        throw new Raised("type-validation", `Type validation failed: expected ${text}, got ${typeName(item)}`)
    }
  }

  #askHost(capability: string, args: readonly Value[]): Value {
    const odd = notPlain(args)
    if (odd !== null) throw typeError("call", "plain data", odd)
    const plain = args.map(plainValue)
    const answer = this.#host(capability, plain)
    if (answer === undefined) throw new NeedsHost(capability, plain)
    if (typeof answer === "object" && answer !== null && "failure" in answer) throw new Raised("runtime-error", answer.failure)
    return answer
  }
}

/** Raises an error once more, after a cleanup; it keeps its place. */
class Again extends Raised {
  override readonly error: CategorisedError

  constructor(error: CategorisedError) {
    super(error.category, error.message)
    this.error = error
  }
}

function placed(failure: Raised, site: number): Raised {
  return new Again({ ...failure.error, site })
}

/** A function or error inside values that are to leave the program, or null. */
function notPlain(values: readonly Value[]): Value | null {
  const pending = [...values]
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (isFunction(value) || isError(value)) return value
    const parts = isMap(value) ? value.entries.map(([, item]) => item) : itemsOf(value)
    for (const part of parts ?? []) pending.push(part)
  }
  return null
}
