/** What a Publisher signs at publish: the Claim and the machine's evidence for it, one Attestation each. */
import type { KeyId } from "../../shared/digest.ts"
import type { Mapping } from "../../shared/module.ts"
import type { Statement } from "../../shared/trust.ts"
import type { BuildFacts, EmbeddingFacts, ForeignFacts, TestFacts } from "./core/attestation.ts"
import { claimStatement, embeddingStatement, provenanceStatement, sealAttestation, testResultStatement } from "./core/attestation.ts"
import type { Keyring } from "./ports.ts"

export interface Claims {
  readonly mapping: Mapping
  /** Null where no vector could be made: the Mapping then answers equal text only. */
  readonly embedding: EmbeddingFacts | null
  readonly provenance: BuildFacts | ForeignFacts
  readonly testResult: TestFacts
}

/** Stored bytes of each Attestation, in this order: Claim, provenance, test result, embedding. Throws `keys-locked`. */
export function attestClaims(claims: Claims, keyring: Keyring, keyId: KeyId): Uint8Array[] {
  const statements: Statement[] = [
    claimStatement(claims.mapping),
    provenanceStatement(claims.provenance),
    testResultStatement(claims.testResult)
  ]
  if (claims.embedding !== null) statements.push(embeddingStatement(claims.embedding))
  return statements.map(statement => sealAttestation(statement, keyId, message => keyring.sign(keyId, message)))
}
