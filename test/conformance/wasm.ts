/** Compiled code as an engine of the conformance tool: each case is compiled and run in the sandbox. */
import type { Engine } from "./case.ts"

export async function openWasmEngine(): Promise<Engine> {
  throw new Error("no wasm engine yet")
}
