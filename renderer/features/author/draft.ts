/** A Draft as it is written: not yet a Module, and nobody's claim. */

export interface DraftExample {
  readonly args: string
  readonly result: string
}

export interface Draft {
  readonly source: string
  readonly task: string
  readonly examples: readonly DraftExample[]
  readonly imports: readonly { readonly name: string; readonly digest: string }[]
  /** Mappings it takes the place of. */
  readonly supersedes: readonly { readonly mapping: string; readonly task: string }[]
}
