/** Long commands: says on a terminal how far they are, and lets Ctrl-C end them where nothing is left half done. */
import type { CallContext } from "../../shared/engine-contract.ts"

/** One Ctrl-C may arrive twice: from the terminal, and passed on by a parent. */
const sameInterruptMs = 500

/** The first interrupt cancels; the next ends the program. */
export async function underway<T>(work: (context: CallContext) => Promise<T>): Promise<T> {
  const stop = new AbortController()
  let cancelled = 0
  const cancel = () => {
    if (cancelled > 0 && Date.now() - cancelled > sameInterruptMs) process.exit(130)
    if (cancelled === 0) cancelled = Date.now()
    stop.abort()
  }
  const shown = process.stderr.isTTY === true
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, cancel)
  try {
    return await work({
      signal: stop.signal,
      onProgress({ step, done, total }) {
        if (shown) process.stderr.write(`\r${step} ${done}${total === null ? "" : `/${total}`}\u001b[K`)
      }
    })
  } finally {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.removeListener(signal, cancel)
    if (shown) process.stderr.write("\r\u001b[K")
  }
}
