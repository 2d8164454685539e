/** The closed set of ways in which the engine can fail its caller; answers such as a miss are values and are not in it. */

export const failureCodes = {
  "wrong-usage": "the request does not have the form the verb expects",
  "ambiguous-prefix": "a shortened Digest names more than one thing",
  "ambiguous-mapping": "the Module answers several Tasks and none was chosen",
  "ambiguous-key": "several keys fit the role and none was chosen",
  "unknown-digest": "nothing in the store has this Digest",
  "unknown-key": "no key of this KeyId is here",
  "wrong-passphrase": "the passphrase opens none of the key's slots",
  "keys-locked": "the key needed is locked",
  "keys-missing": "no key for the role exists here",
  "not-permitted": "the policy or the door does not allow this",
  "store-missing": "there is no store at this place",
  "store-exists": "a store or a key is already there",
  "store-locked": "another process writes this store",
  "store-newer-format": "the store was written by a newer version",
  "store-read-only": "the store is open for reading only",
  "store-unreadable": "the store cannot be read",
  "store-unknown-root": "the store's own root is not known to this user",
  "disk-full": "there is no room left to write",
  "disk-failed": "a file could not be read or written",
  "ledger-damaged": "a record of the ledger does not match its own chain",
  "ledger-rolled-back": "the ledger is older than a checkpoint seen before",
  "ledger-forked": "two checkpoints of one ledger contradict each other",
  "blob-damaged": "a Blob's bytes do not match its Digest",
  "trust-damaged": "a document of trust is malformed, badly signed or out of order",
  "bundle-refused": "the bundle is malformed, oversized or inconsistent",
  "model-unavailable": "the embedding model is missing or altered",
  "index-unavailable": "the index cannot answer now",
  "log-unavailable": "the hit log cannot be written, so nothing is served",
  "generator-failed": "the generator did not answer as it should",
  "queue-full": "more work is waiting than the stated bound",
  cancelled: "the caller cancelled",
  "limit-exceeded": "a stated limit was exceeded",
  "engine-stopped": "the engine is closed or restarting",
  internal: "a defect of the engine"
} as const

export type EngineFailureCode = keyof typeof failureCodes

/** HTTP status of each failure at the server door (RFC 9110, 6585 and 4918). 5xx only where the caller can change nothing. */
export const failureStatus: Readonly<Record<EngineFailureCode, number>> = {
  "wrong-usage": 400,
  "ambiguous-prefix": 409,
  "ambiguous-mapping": 409,
  "ambiguous-key": 409,
  "unknown-digest": 404,
  "unknown-key": 404,
  "wrong-passphrase": 403,
  "keys-locked": 423,
  "keys-missing": 409,
  "not-permitted": 403,
  "store-missing": 503,
  "store-exists": 409,
  "store-locked": 423,
  "store-newer-format": 503,
  "store-read-only": 403,
  "store-unreadable": 503,
  "store-unknown-root": 503,
  "disk-full": 507,
  "disk-failed": 503,
  "ledger-damaged": 503,
  "ledger-rolled-back": 503,
  "ledger-forked": 503,
  "blob-damaged": 409,
  "trust-damaged": 503,
  "bundle-refused": 422,
  "model-unavailable": 503,
  "index-unavailable": 503,
  "log-unavailable": 503,
  "generator-failed": 502,
  "queue-full": 429,
  cancelled: 408,
  "limit-exceeded": 413,
  "engine-stopped": 503,
  internal: 500
}

/** What a failure carries over a wire: no stack, no path the caller did not give. */
export interface FailureWire {
  readonly code: EngineFailureCode
  readonly message: string
  readonly details?: Readonly<Record<string, unknown>>
}

/** A broken promise, with a code. `message` says what happened, what was expected and what to do; it never holds a secret. */
export class EngineFailure extends Error {
  readonly code: EngineFailureCode
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: EngineFailureCode, message: string, details: Readonly<Record<string, unknown>> = {}, options?: { cause?: unknown }) {
    super(message, options)
    this.name = "EngineFailure"
    this.code = code
    this.details = details
  }
}

export function isEngineFailureCode(code: unknown): code is EngineFailureCode {
  return typeof code === "string" && Object.hasOwn(failureCodes, code)
}

export function failureToWire(failure: unknown): FailureWire {
  if (failure instanceof EngineFailure) return { code: failure.code, message: failure.message, details: failure.details }
  return { code: "internal", message: "the engine met a defect; its diagnostics file has the details" }
}

export function failureFromWire(wire: FailureWire): EngineFailure {
  return new EngineFailure(wire.code, wire.message, wire.details)
}
