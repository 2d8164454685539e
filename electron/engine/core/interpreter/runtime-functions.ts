/** What the interpreter borrows from the pinned runtime: algorithms whose answer must be one and the same everywhere (vm page, section 2). */

/** Plain functions over strings and numbers; the caller hands in those of the runtime, tests also those of the host as a cross-check. */
export interface RuntimeFunctions {
  /** Shortest digits that read back, without exponent and without trailing `.0`; finite numbers only. */
  displayFloat(value: number): string
  /** The binary64 nearest to a decimal number (after trimming), or null if the text is none. */
  parseFloat(text: string): number | null
  /** `base` to the power of `exponent` in binary64. */
  power(base: number, exponent: number): number
  upper(text: string): string
  lower(text: string): string
  trim(text: string): string
  /** The matches of a pattern from left to right without overlap, at most `limit`; null if the pattern is invalid. Linear time. */
  matches(pattern: string, text: string, limit: number): readonly string[] | null
}
