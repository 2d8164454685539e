/** Runs a program of the intermediate representation: the oracle that compiled code is compared with. */
import type { ErrorCategory } from "../../../../shared/run.ts"
import type { Value } from "../../../../shared/value.ts"
import type { IrProgram, Site } from "../compiler/ir.ts"
import { equalValues, TooNested } from "../order.ts"
import { Budget, OutOfFuel } from "./budget.ts"
import { Machine, NeedsHost } from "./machine.ts"
import type { RuntimeFunctions } from "./runtime-functions.ts"
import { plainValue, Raised } from "./value.ts"

/** One recorded reply of the host, in the order of the calls. */
export type RecordedAnswer = { readonly capability: string; readonly arguments: readonly Value[] } & (
  | { readonly value: Value }
  | { readonly failure: string }
)

export interface InterpretOptions {
  /** Name of an export; without it, the entry. */
  readonly entry?: string
  readonly args?: readonly Value[]
  readonly answers?: readonly RecordedAnswer[]
  /** In the interpreter's own unit. */
  readonly fuelMax?: number
  readonly functions: RuntimeFunctions
}

/** How a run ended (language page, section 13.4). `site` is where an uncaught error arose, in the Source the site names. */
export type Interpreted =
  | { readonly kind: "returned"; readonly value: Value; readonly answersUsed: number; readonly fuel: number }
  | {
      readonly kind: "failed"
      readonly category: ErrorCategory
      readonly message: string
      readonly site: Site | null
      readonly fuel: number
    }
  | {
      readonly kind: "needs-host"
      readonly capability: string
      readonly arguments: readonly Value[]
      readonly call: number
      readonly fuel: number
    }
  | { readonly kind: "out-of-fuel"; readonly fuelMax: number; readonly fuel: number }
  | { readonly kind: "rejected"; readonly reason: "no-such-export"; readonly detail: string }

export const defaultFuelMax = 200_000_000

export function interpret(program: IrProgram, options: InterpretOptions): Interpreted {
  const wanted =
    options.entry === undefined ? program.exports[program.entry] : program.exports.find(offered => offered.name === options.entry)
  if (wanted === undefined) return { kind: "rejected", reason: "no-such-export", detail: `there is no export ${options.entry ?? ""}` }
  const budget = new Budget(options.fuelMax ?? defaultFuelMax)
  const answers = options.answers ?? []
  let used = 0
  const machine = new Machine(program, options.functions, budget, (capability, args) => {
    const answer = answers[used]
    if (answer === undefined || answer.capability !== capability || !equalValues(answer.arguments, args)) return undefined
    used += 1
    return "failure" in answer ? { failure: answer.failure } : answer.value
  })
  try {
    if (program.init >= 0) machine.run(program.init, [], false)
    const value = machine.run(wanted.fn, options.args ?? [], program.kind !== "program")
    return { kind: "returned", value: plainValue(value), answersUsed: used, fuel: Math.ceil(budget.spent) }
  } catch (failure) {
    return ending(failure, program, used, budget)
  }
}

function ending(failure: unknown, program: IrProgram, call: number, budget: Budget): Interpreted {
  const fuel = Math.ceil(budget.spent)
  if (failure instanceof Raised) {
    const { category, message, site } = failure.error
    return { kind: "failed", category, message, site: program.sites[site] ?? null, fuel }
  }
  if (failure instanceof TooNested)
    return { kind: "failed", category: "recursion-limit", message: "Recursion limit exceeded", site: null, fuel }
  if (failure instanceof NeedsHost) return { kind: "needs-host", capability: failure.capability, arguments: failure.args, call, fuel }
  if (failure instanceof OutOfFuel) return { kind: "out-of-fuel", fuelMax: budget.max, fuel }
  throw failure
}
