/** The display form of values, with the runtime's digits for floats (language page, section 12.1). */
import type { Value } from "../../../../shared/value.ts"
import { displayValue } from "../print.ts"
import type { BuiltinContext } from "./builtin.ts"

export function display(value: Value, { functions, budget }: BuiltinContext): string {
  const text = displayValue(value, float => displayFloat(float, functions.displayFloat))
  budget.charge(text.length / 32)
  return text
}

export function displayFloat(value: number, digits: (value: number) => string): string {
  if (Number.isNaN(value)) return "NaN"
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf"
  return digits(value)
}
