/** A Sandbox that starts its processes at the first Run: opening a store, and answering a Lookup, runs nothing. */
import { EngineFailure } from "../../../shared/failure.ts"
import type { Sandbox } from "../ports.ts"

/** `memoryBytesMax` is what the Sandbox will have once it is started. */
export function createLazySandbox(open: () => Sandbox, memoryBytesMax: number): Sandbox {
  let sandbox: Sandbox | null = null
  let closed = false
  return {
    memoryBytesMax,
    async run(job) {
      if (closed) throw new EngineFailure("engine-stopped", "the sandbox is closed")
      sandbox ??= open()
      return sandbox.run(job)
    },
    async close() {
      closed = true
      await sandbox?.close()
    }
  }
}
