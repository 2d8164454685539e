/** The one thing a Module can ask of its host: `host.call`, answered by replay of recorded replies. */
import type { Reply } from "./protocol.ts"

/** Thrown through the Module where no reply is left; no RTFS handler can catch it, since it is not an RTFS error. */
export class UnmetCall extends Error {}

/** What the runtime lends for a call: its memory, and room in it. */
export interface CallMemory {
  readonly memory: WebAssembly.Memory
  alloc(bytes: number): number
}

export interface ReplayedHost {
  readonly imports: { readonly call: (capability: number, pointer: number, length: number) => number }
  /** The first call without a reply; it decides the Outcome whatever the Module does afterwards. */
  unmet(): { readonly capability: number; readonly args: Uint8Array; readonly call: number } | null
  used(): number
}

/** `host.call` over recorded replies. A call that differs from the next reply counts as unanswered. */
export function replayedHost(runtime: CallMemory, replies: readonly Reply[]): ReplayedHost {
  let unmet: { capability: number; args: Uint8Array; call: number } | null = null
  let used = 0
  const call = (capability: number, pointer: number, length: number): number => {
    if (unmet) throw new UnmetCall("an earlier call of the host has no reply")
    const args = new Uint8Array(runtime.memory.buffer, pointer >>> 0, length >>> 0)
    const next = replies[used]
    if (!next || next.capability !== capability || !sameBytes(next.args, args)) {
      unmet = { capability, args: args.slice(), call: used }
      throw new UnmetCall("the host has no reply to this call")
    }
    used++
    const room = runtime.alloc(4 + next.reply.length) >>> 0
    new DataView(runtime.memory.buffer).setUint32(room, next.reply.length, true)
    new Uint8Array(runtime.memory.buffer).set(next.reply, room + 4)
    return room
  }
  return { imports: { call }, unmet: () => unmet, used: () => used }
}

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index])
}
