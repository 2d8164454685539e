/** A Blob's bytes as they are stored: for a server that fetches Modules, and for whoever looks at the bytes themselves. */
import type { Digest } from "../../shared/digest.ts"
import type { AnswerOf, ParsedOf } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { OpenStore } from "./open-store.ts"
import { resolveModule } from "./resolve-digest.ts"

const whole = /^sha256:[0-9a-f]{64}$/

/** A whole Digest names any Blob, a prefix a Module. Throws `unknown-digest` and `blob-damaged`. */
export async function blob(input: ParsedOf<"blob">, store: OpenStore): Promise<AnswerOf<"blob">> {
  const { blobs } = store.ports
  const stored = whole.test(input.digest) && blobs.has(input.digest as Digest)
  const digest = stored ? (input.digest as Digest) : resolveModule(input.digest, store.trust)
  const bytes = blobs.get(digest)
  if (bytes === null) throw new EngineFailure("blob-damaged", `the Blob of Module ${digest} is missing`, { digest })
  return new Blob([bytes as Uint8Array<ArrayBuffer>], { type: "application/octet-stream" })
}
