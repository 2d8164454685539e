/** What this user set: read, changed, and put where a caller of Lookup or Run says nothing. */
import type { AnswerOf, ParsedOf } from "../../shared/engine-contract.ts"
import type { Settings } from "../../shared/settings.ts"
import { settingsDefault } from "../../shared/settings.ts"
import type { OpenStore } from "./open-store.ts"

export async function settings(store: OpenStore): Promise<AnswerOf<"settings">> {
  return { settings: store.settings.get(), defaults: settingsDefault, problem: store.settings.problem() }
}

/** Takes effect with the next Lookup or Run, in every process of this user. */
export async function changeSettings(input: ParsedOf<"changeSettings">, store: OpenStore): Promise<AnswerOf<"settings">> {
  const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined))
  store.settings.put({ ...store.settings.get(), ...given })
  return settings(store)
}

export function lookupUnder(input: ParsedOf<"lookup">, { similarityMin, falseHitMax, ...rest }: Settings): ParsedOf<"lookup"> {
  return { similarityMin, falseHitMax, ...input, limits: limitsUnder(input.limits, rest) }
}

export function runUnder(input: ParsedOf<"run">, set: Omit<Settings, "similarityMin" | "falseHitMax">): ParsedOf<"run"> {
  return { ...input, limits: limitsUnder(input.limits, set) }
}

function limitsUnder(
  given: ParsedOf<"run">["limits"],
  { fuelMax, timeoutMs, memoryPagesMax }: Pick<Settings, "fuelMax" | "timeoutMs" | "memoryPagesMax">
) {
  return { fuelMax, timeoutMs, memoryPagesMax, ...given }
}
