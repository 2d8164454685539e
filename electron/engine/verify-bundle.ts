/** The report of an import where there is no store: nothing is better than untrusted unless a root's fingerprint is given. */
import type { Digest } from "../../shared/digest.ts"
import type { AnswerOf, CallContext, ParsedOf } from "../../shared/engine-contract.ts"
import { presetPolicy } from "../../shared/policy-presets.ts"
import type { Here } from "./assess.ts"
import { assess } from "./assess.ts"
import { plainInterfaceOf } from "./build.ts"
import { readContents } from "./bundle.ts"
import { compilerVersion } from "./core/compiler/compile.ts"
import type { RuntimeAbi } from "./core/compiler/runtime-abi.ts"
import { policyDigest } from "./core/policy.ts"
import { bundledTools } from "./import.ts"
import type { Bench } from "./judge.ts"
import type { BundleFiles, Clock, Crypto } from "./ports.ts"

export interface Glass {
  readonly bundles: BundleFiles
  readonly clock: Clock
  readonly crypto: Crypto
  readonly runtime: { readonly digest: Digest; readonly abi: RuntimeAbi }
  readonly validates: (bytes: Uint8Array) => boolean
}

const nothing: Here = {
  held: () => [],
  claimOf: () => null,
  mappingsOf: () => [],
  stateOf: () => null,
  blob: () => "absent",
  importsOf: () => [],
  ownRootAt: () => null,
  revokedBy: () => []
}

/** Throws `bundle-refused`, `ledger-forked`, `cancelled`. */
export async function verifyBundle(
  input: ParsedOf<"verifyBundle">,
  glass: Glass,
  context: CallContext = {}
): Promise<AnswerOf<"verifyBundle">> {
  const source = glass.bundles.open(input.path)
  try {
    const contents = await readContents(source, context)
    const tools = {
      compilerVersion,
      shippedRuntime: glass.runtime.digest,
      rebuild: () => null,
      validates: glass.validates,
      plainInterface: plainInterfaceOf,
      seen: { get: () => null, put: async () => undefined }
    }
    const { report } = await assess({
      source,
      contents,
      bundle: source.indexDigest(),
      bench: benchAt(glass),
      here: nothing,
      confirm: input.trustRoot ?? null,
      model: null,
      tools: bundledTools(tools, source, contents, glass.runtime.abi, null),
      crypto: glass.crypto,
      context
    })
    return report
  } finally {
    source.close()
  }
}

/** The presets' mildest policy that still asks for a person. */
function benchAt(glass: Glass): Bench {
  const policy = presetPolicy("solo", [glass.runtime.digest])
  const nowMs = glass.clock.nowMs()
  return {
    views: [],
    rootProblem: "no root is confirmed: give one whose fingerprint was compared",
    policy: { policy, digest: policyDigest(policy), version: 0, believed: true, why: "the preset solo, for no store is open" },
    time: { nowMs, highestMs: nowMs },
    ledger: { origin: "", problem: null, unproven: [] },
    ledgers: new Map(),
    kept: new Map(),
    accepted: new Set(),
    former: [],
    asOf: 0
  }
}
