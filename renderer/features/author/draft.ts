/** A Draft as it is written: not yet a Module, and nobody's claim. */
import type { Answer } from "../../../shared/run.ts"

export interface DraftExample {
  readonly args: string
  readonly result: string
  /** What the host is taken to have answered. */
  readonly answers?: readonly Answer[]
}

export interface Draft {
  readonly source: string
  readonly task: string
  readonly examples: readonly DraftExample[]
  readonly imports: readonly { readonly name: string; readonly digest: string }[]
  /** Mappings it takes the place of. */
  readonly supersedes: readonly { readonly mapping: string; readonly task: string }[]
}
