/** The trust policies that have a name, for the engine that applies one and the window that offers them. */
import type { Digest } from "./digest.ts"
import type { Preset, TrustPolicy } from "./trust.ts"

const everything = ["RTFS_L4_VIEWED_SOURCE", "RTFS_L4_VIEWED_EXAMPLES", "RTFS_L4_VIEWED_INTERFACE"] as const

const solo: TrustPolicy = {
  preset: "solo",
  reviewers: 1,
  automatic: false,
  reviewerMayBePublisher: true,
  viewed: [],
  expiredRootDays: 30,
  demandConsistency: false,
  capabilities: null,
  runtimes: null
}

/** Presets by name. `RTFS_L4_VIEWED_DIFF` is demanded only of a Mapping that supersedes another. */
export const policyPresets: Readonly<Record<Preset, TrustPolicy>> = {
  solo,
  team: { ...solo, preset: "team", reviewerMayBePublisher: false, viewed: [...everything] },
  strict: {
    preset: "strict",
    reviewers: 2,
    automatic: false,
    reviewerMayBePublisher: false,
    viewed: [...everything, "RTFS_L4_VIEWED_DIFF"],
    expiredRootDays: 0,
    demandConsistency: true,
    capabilities: [],
    runtimes: []
  },
  automatic: { ...solo, preset: "automatic", automatic: true }
}

/** A preset as a policy. *strict* allows listed runtimes only: these. */
export function presetPolicy(preset: Preset, runtimes: readonly Digest[]): TrustPolicy {
  const policy = policyPresets[preset]
  return policy.runtimes === null ? policy : { ...policy, runtimes: [...runtimes] }
}
