/** An Example on its way from a Run to a Draft: too large for an address, and of no use after the Draft took it. */
import type { Answer } from "../../shared/run.ts"

interface HandedExample {
  /** The Module the Draft begins from. */
  readonly from: string
  readonly mapping: string
  readonly example: { readonly args: string; readonly result: string; readonly answers?: readonly Answer[] }
}

let handed: HandedExample | null = null

export function handExample(next: HandedExample): void {
  handed = next
}

/** Null where none was handed over for this Module. */
export function handedExample(from: string): HandedExample | null {
  return handed?.from === from ? handed : null
}

export function forgetHandedExample(): void {
  handed = null
}
