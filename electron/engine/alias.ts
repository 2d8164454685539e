/** Other words for what a Module does already: one more Mapping of it, with the Examples of the first, under the same policy as any. */
import type { Digest } from "../../shared/digest.ts"
import type { AnswerOf, CallContext, ParsedOf } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { Example, Mapping } from "../../shared/module.ts"
import { exampleSchema } from "../../shared/module.ts"
import { build } from "./build.ts"
import { showInterface } from "./core/interface.ts"
import { utf8Decode } from "./core/utf8.ts"
import type { OpenStore } from "./open-store.ts"
import { publish } from "./publish.ts"
import { resolveMapping } from "./resolve-digest.ts"
import { servedVerdict } from "./served-verdict.ts"

/**
 * The Module's Source is compiled again and must give the same bytes: the new claim says what is so here and now. Of its Examples it is
 * forgotten who gave them, for nobody gave them with these words: a policy that accepts what a caller tested accepts an alias only with
 * Examples of its own.
 */
export async function alias(input: ParsedOf<"alias">, store: OpenStore, context: CallContext = {}): Promise<AnswerOf<"alias">> {
  const named = resolveMapping(input, store.trust)
  const { claim } = named
  const verdict = servedVerdict(named.mapping, store.trust)
  if (verdict.state === "untrusted")
    throw new EngineFailure("not-permitted", `${named.mapping} is untrusted: what may not run gets no other words`, {
      mapping: named.mapping
    })
  const material = materialOf(claim, store)
  const built = await build(material, store)
  if (built.kind !== "built" || built.digest !== claim.module.digest)
    throw new EngineFailure(
      "wrong-usage",
      `the Source of ${claim.module.digest} no longer compiles to the same bytes: publish it with the new words instead`,
      { digest: claim.module.digest }
    )
  const answer = await publish(
    {
      request: {
        instruction: input.words,
        interface: showInterface(claim.interface.canonical),
        ...(input.examples ? { examples: input.examples } : {})
      },
      ...material,
      examples: examplesOf(claim, store),
      ...(claim.namespace === undefined ? {} : { namespace: claim.namespace }),
      ...(input.key === undefined ? {} : { key: input.key })
    },
    store,
    context
  )
  return answer.kind === "published" ? { ...answer, of: named.mapping } : answer
}

function materialOf(claim: Mapping, store: OpenStore) {
  const imports = (claim.imports ?? []).map(({ name, digest }) => ({ name, digest: digest as string }))
  const shared = { entry: claim.entry, imports }
  if (claim.source === null) return { ...shared, wasm: new Blob([demand(claim.module.digest, store) as Uint8Array<ArrayBuffer>]) }
  const source = utf8Decode(demand(claim.source.digest, store))
  if (source === null) throw new EngineFailure("blob-damaged", `the Source ${claim.source.digest} is no text`)
  return { ...shared, source }
}

function examplesOf(claim: Mapping, store: OpenStore): Example[] {
  const text = utf8Decode(demand(claim.examples.digest, store))
  const read = exampleSchema.array().safeParse(JSON.parse(text ?? "null"))
  if (!read.success) throw new EngineFailure("blob-damaged", `the Examples ${claim.examples.digest} are malformed`)
  return read.data.map(({ origin: _, ...example }) => example)
}

function demand(digest: Digest, store: OpenStore): Uint8Array {
  const bytes = store.ports.blobs.get(digest)
  if (bytes === null) throw new EngineFailure("blob-damaged", `the Blob ${digest} is missing: run an Audit`, { digest })
  return bytes
}
