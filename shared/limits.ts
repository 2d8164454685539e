/** The bounds of a Run as plain numbers (vm page, section 6): the window needs them without a schema library. */

/** Least and greatest value of each limit. Fuel in units of the ABI, time in milliseconds, memory in 64 KiB pages, sizes in canonical bytes. */
export const limitBounds = {
  fuelMax: [1, 1e12],
  timeoutMs: [1, 600_000],
  memoryPagesMax: [2, 4096],
  hostCallsMax: [0, 1024],
  inputBytesMax: [1, 16_777_216],
  outputBytesMax: [1, 16_777_216]
} as const satisfies Readonly<Record<string, readonly [number, number]>>

export const defaultLimits: { readonly [N in keyof typeof limitBounds]: number } = {
  fuelMax: 200_000_000,
  timeoutMs: 5_000,
  memoryPagesMax: 4_096,
  hostCallsMax: 64,
  inputBytesMax: 1_048_576,
  outputBytesMax: 1_048_576
}
