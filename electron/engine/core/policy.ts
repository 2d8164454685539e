/** Which evidence suffices: the signed document that puts a policy in force. */
import type { Digest } from "../../../shared/digest.ts"
import { presetPolicy } from "../../../shared/policy-presets.ts"
import type { TrustPolicy } from "../../../shared/trust.ts"
import { trustPolicySchema } from "../../../shared/trust.ts"
import { canonicalBytes, parseStrictJson } from "./canonical.ts"
import type { VerifySignature } from "./crypto.ts"
import { digestOf } from "./digest.ts"
import type { Signer } from "./dsse.ts"
import { isObject, openEnvelopeBytes, payloadTypes, sealDocument } from "./dsse.ts"
import type { RootVersion } from "./root.ts"
import { hasThreshold } from "./root.ts"

/** SHA-256 of the policy's canonical bytes, however it was signed. */
export function policyDigest(policy: TrustPolicy): Digest {
  return digestOf(canonicalBytes(policy))
}

/** The policy that applies, and why. `version` is 0 where no document was believed. */
export interface PolicyInForce {
  readonly policy: TrustPolicy
  readonly digest: Digest
  readonly version: number
  readonly believed: boolean
  readonly why: string
}

/** A policy document as stored bytes: version, policy, signed by the authority's threshold. */
export function sealPolicy(version: number, policy: TrustPolicy, signers: readonly Signer[]): Uint8Array {
  return sealDocument(payloadTypes.policy, { version, policy }, signers)
}

/**
 * The policy in force under the own root. `named` is what the newest `policy-changed` record names: a document older than it, or
 * another one of its version, is not believed. Where none is believed, *strict* applies, with these runtimes, and says why.
 */
export function policyInForce(
  bytes: Uint8Array | null,
  root: RootVersion | null,
  named: { readonly version: number; readonly digest: string } | null,
  runtimes: readonly Digest[],
  verify: VerifySignature
): PolicyInForce {
  const strictBecause = (why: string): PolicyInForce => {
    const policy = presetPolicy("strict", runtimes)
    return { policy, digest: policyDigest(policy), version: 0, believed: false, why: `strict applies: ${why}` }
  }
  const opened = bytes === null ? "there is no policy document" : openPolicy(bytes, root, verify)
  if (typeof opened === "string") return strictBecause(opened)
  const digest = policyDigest(opened.policy)
  if (named !== null && opened.version < named.version)
    return strictBecause(`the policy document is version ${opened.version}, the ledger names ${named.version}`)
  if (named !== null && opened.version === named.version && digest !== named.digest)
    return strictBecause("the policy document is another than the ledger names")
  return {
    policy: opened.policy,
    digest,
    version: opened.version,
    believed: true,
    why: `signed by the authority of root version ${root?.document.version}`
  }
}

/** The document that the authority's threshold of this root version signed, or why it is not believed. */
export function openPolicy(
  bytes: Uint8Array,
  root: RootVersion | null,
  verify: VerifySignature
): { version: number; policy: TrustPolicy } | string {
  if (root === null) return "there is no root whose authority could have signed a policy"
  const envelope = openEnvelopeBytes(bytes, payloadTypes.policy)
  if (typeof envelope === "string") return envelope
  if (!hasThreshold(root, "authority", envelope, verify)) return "the authority of the root in force did not sign the policy"
  try {
    const json = parseStrictJson(envelope.payload)
    const parsed = trustPolicySchema.safeParse(isObject(json) ? json.policy : undefined)
    const version = isObject(json) ? json.version : undefined
    if (!parsed.success || typeof version !== "number" || !Number.isSafeInteger(version) || version < 1)
      return "the policy document is malformed"
    return { version, policy: parsed.data }
  } catch (error) {
    return `the policy is no JSON we accept: ${error instanceof Error ? error.message : error}`
  }
}
