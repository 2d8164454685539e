/** Which Attestations count under one root, and which are ignored, with the reason: nothing that does not count can fail a rule. */
import type { Digest, KeyId } from "../../../shared/digest.ts"
import type { Revocations, Role, Statement } from "../../../shared/trust.ts"
import { predicateTypes } from "../../../shared/trust.ts"
import type { DecodedClaim, DecodedEmbedding, DecodedProvenance, DecodedSignOff, DecodedTestResult } from "./attestation.ts"
import {
  decodeClaim,
  decodeEmbedding,
  decodeProvenance,
  decodeSignOff,
  decodeTestResult,
  openAttestation,
  subjectOf
} from "./attestation.ts"
import type { VerifySignature } from "./crypto.ts"
import { strikesKey } from "./revocations.ts"
import type { RootChain, RootVersion } from "./root.ts"
import { holdsRole } from "./root.ts"
import { timeOf } from "./time.ts"

/** Where an Attestation is logged. `seenMs`: when this machine saw that position; null where it cannot say. */
export interface LedgerPlace {
  readonly origin: string
  readonly index: number
  readonly seenMs: number | null
  /** Whether the position is proven: by the verified chain of our own Ledger, or by a proof under a checkpoint. */
  readonly proven: boolean
  /** It was brought here by an import: our own Ledger says when, and is no ledger of the root it was signed under. */
  readonly imported?: boolean
}

export interface Held {
  readonly bytes: Uint8Array
  /** Position in our own Ledger of the record that brought it. */
  readonly sequence: number
  readonly places: readonly LedgerPlace[]
}

/** A confirmed root with what is known of it beside its versions. */
export interface RootView {
  readonly chain: RootChain
  readonly own: boolean
  /** Null where there is no document. */
  readonly revocations: Revocations | null
  /** Why the root is not current, apart from expiry: rolled back, broken, revocations not believed. Null when all is well. */
  readonly problem: string | null
}

/** `valid`, or how its key lost it. */
export type Standing = "valid" | "expired" | "revoked"

export interface Counted<T> {
  readonly digest: Digest
  readonly keyId: KeyId
  readonly owner: string
  readonly name: string
  readonly decoded: T
  readonly held: Held
  readonly standing: Standing
  readonly why: string
}

export interface CountedEvidence {
  readonly claims: readonly Counted<DecodedClaim>[]
  /** Claims of other Mappings of the same Module. */
  readonly rivals: readonly Counted<DecodedClaim>[]
  readonly provenances: readonly Counted<DecodedProvenance>[]
  readonly tests: readonly Counted<DecodedTestResult>[]
  readonly embeddings: readonly Counted<DecodedEmbedding>[]
  /** In the order in which they were made. */
  readonly signOffs: readonly Counted<DecodedSignOff>[]
  readonly malformed: readonly { readonly digest: Digest; readonly reason: string }[]
  readonly ignored: readonly { readonly digest: Digest; readonly reason: string }[]
}

export interface CountingInput {
  readonly mapping: Digest
  readonly module: Digest
  readonly held: readonly Held[]
  readonly siblings: readonly Held[]
  /** The root under which is counted. */
  readonly view: RootView
  /** All confirmed roots, own first. */
  readonly views: readonly RootView[]
  /** Milliseconds; expiry is measured against it. */
  readonly timeMs: number
  readonly verify: VerifySignature
}

/** Small letters, and what their capitals look like, that are taken for Latin ones. */
const lookAlikes: Readonly<Record<string, string>> = Object.fromEntries(
  ["аaеeоoрpсcуyхxкkмmтtнhвbіiјjѕsԁdԛqԝwһhгr", "αaβbεeζzηhιiκkμmνvοoρpτtυyχx"]
    .flatMap(pairs => pairs.match(/../gu) ?? [])
    .map(pair => [...pair])
)

/**
 * A person or team: spellings that differ in case, white space, invisible characters or letters that look alike are one. Two people
 * who are taken for one are asked for another reviewer; one who passes for two would not be noticed.
 */
export function ownerOf(name: string): string {
  const plain = name
    .normalize("NFKC")
    .replace(/[\p{Cf}\p{Cc}]/gu, "")
    .trim()
    .replace(/\s+/gu, " ")
    .toLowerCase()
  return [...plain].map(letter => lookAlikes[letter] ?? letter).join("")
}

/** Keys that could count under `view`: those of all its versions, and of our own root's for reviewers. */
export function knownKeys(view: RootView, views: readonly RootView[]): (keyId: KeyId) => Uint8Array | null {
  const chains = [view, ...views.filter(one => one.own && one !== view)].map(one => one.chain)
  return keyId => {
    for (const chain of chains) {
      for (const version of [...chain.versions].reverse()) {
        const publicKey = version.publicKeys.get(keyId)
        if (publicKey) return publicKey
      }
    }
    return null
  }
}

export function countEvidence(input: CountingInput): CountedEvidence {
  const counting = new Counting(input)
  for (const held of input.held) counting.take(held)
  for (const held of input.siblings) counting.takeSibling(held)
  return counting.evidence()
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer I)[] ? I[] : T[K] }

class Counting {
  readonly #input: CountingInput
  readonly #keyOf: (keyId: KeyId) => Uint8Array | null
  readonly #seen = new Set<Digest>()
  readonly #evidence: Mutable<CountedEvidence> = {
    claims: [],
    rivals: [],
    provenances: [],
    tests: [],
    embeddings: [],
    signOffs: [],
    malformed: [],
    ignored: []
  }

  constructor(input: CountingInput) {
    this.#input = input
    this.#keyOf = knownKeys(input.view, input.views)
  }

  evidence(): CountedEvidence {
    this.#evidence.signOffs.sort((left, right) => orderOf(left.held, right.held))
    return this.#evidence
  }

  take(held: Held): void {
    const opened = openAttestation(held.bytes, this.#keyOf, this.#input.verify)
    if (this.#seen.has(opened.digest)) return
    this.#seen.add(opened.digest)
    if (opened.kind === "ignored") {
      this.#ignore(opened.digest, opened.reason)
      return
    }
    if (opened.kind === "malformed") {
      const counts = this.#standing("publisher", opened.keyId, held) ?? this.#standing("reviewer", opened.keyId, held)
      if (counts) this.#evidence.malformed.push({ digest: opened.digest, reason: opened.reason })
      else this.#ignore(opened.digest, "its key holds no role here")
      return
    }
    this.#takeStatement(opened.digest, opened.keyId, opened.statement, held)
  }

  /** A Claim of another Mapping of this Module; anything wrong with it is that Mapping's business. */
  takeSibling(held: Held): void {
    const opened = openAttestation(held.bytes, this.#keyOf, this.#input.verify)
    if (opened.kind !== "genuine" || opened.statement.predicateType !== predicateTypes.claim) return
    const decoded = decodeClaim(opened.statement)
    const standing = this.#standing("publisher", opened.keyId, held)
    if (typeof decoded === "string" || !standing || !this.#mayClaim(opened.keyId, decoded)) return
    if (decoded.mapping.module.digest !== this.#input.module || decoded.digest === this.#input.mapping) return
    this.#evidence.rivals.push({ digest: opened.digest, keyId: opened.keyId, decoded, held, ...standing })
  }

  #takeStatement(digest: Digest, keyId: KeyId, statement: Statement, held: Held): void {
    const evidence = this.#evidence
    switch (statement.predicateType) {
      case predicateTypes.claim:
        this.#count(digest, keyId, "publisher", held, decodeClaim(statement), one => {
          if (!this.#mayClaim(keyId, one.decoded)) this.#ignore(digest, "the Claim lies outside the namespaces of its Publisher's key")
          else if (one.decoded.mapping.module.digest !== this.#input.module) this.#otherSubject(digest)
          else (one.decoded.digest === this.#input.mapping ? evidence.claims : evidence.rivals).push(one)
        })
        return
      case predicateTypes.provenance:
        this.#countOn(digest, keyId, "publisher", held, statement, decodeProvenance(statement), evidence.provenances)
        return
      case predicateTypes.testResult:
        this.#countOn(digest, keyId, "publisher", held, statement, decodeTestResult(statement), evidence.tests)
        return
      case predicateTypes.embedding:
        this.#countOn(digest, keyId, "publisher", held, statement, decodeEmbedding(statement), evidence.embeddings)
        return
      case predicateTypes.signOff:
        this.#countOn(digest, keyId, "reviewer", held, statement, decodeSignOff(statement), evidence.signOffs)
        return
      default:
        this.#ignore(digest, `the predicate type ${statement.predicateType} counts for nothing`)
    }
  }

  #countOn<T>(digest: Digest, keyId: KeyId, role: Role, held: Held, statement: Statement, decoded: T | string, into: Counted<T>[]): void {
    this.#count(digest, keyId, role, held, decoded, one => {
      const mapping = subjectOf(statement, "mapping")
      if (subjectOf(statement, "module") !== this.#input.module || (mapping !== null && mapping !== this.#input.mapping))
        this.#otherSubject(digest)
      else into.push(one)
    })
  }

  #count<T>(digest: Digest, keyId: KeyId, role: Role, held: Held, decoded: T | string, then: (one: Counted<T>) => void): void {
    const standing = this.#standing(role, keyId, held)
    if (!standing) this.#ignore(digest, `its key is no ${role} here`)
    else if (typeof decoded === "string") this.#evidence.malformed.push({ digest, reason: decoded })
    else then({ digest, keyId, decoded: decoded as T, held, ...standing })
  }

  #otherSubject(digest: Digest): void {
    this.#evidence.malformed.push({ digest, reason: "the Statement names other subjects" })
  }

  #ignore(digest: Digest, reason: string): void {
    this.#evidence.ignored.push({ digest, reason })
  }

  #mayClaim(keyId: KeyId, claim: DecodedClaim): boolean {
    const namespaces = rootKeyOf(this.#input.view.chain, keyId)?.namespaces
    return namespaces === undefined || namespaces.some(prefix => claim.mapping.namespace?.startsWith(prefix))
  }

  /** How a key stands in a role for an Attestation logged at these places; null where it does not hold the role. */
  #standing(role: Role, keyId: KeyId, held: Held): { owner: string; name: string; standing: Standing; why: string } | null {
    const { view, views, timeMs } = this.#input
    const candidates = role === "reviewer" ? [view, ...views.filter(one => one.own && one !== view)] : [view]
    if (role === "reviewer" && views.some(one => one.chain.versions.some(version => holdsRole(version, "publisher", keyId)))) return null
    for (const one of candidates) {
      const version = versionWithRole(one, role, keyId, held.places)
      if (!version) continue
      const key = version.document.keys[keyId]
      if (!key) continue
      const named = { owner: key.owner, name: key.name }
      const struck = revocationsOver(one, views)
        .map(document => strikesKey(document, keyId, held.places))
        .find(line => line !== null)
      if (struck) return { ...named, standing: "revoked", why: `its key was revoked (${struck.reason})` }
      const ends = key.notAfter === undefined ? null : timeOf(key.notAfter)
      const early = ends === null || held.places.some(place => place.proven && place.seenMs !== null && place.seenMs <= ends)
      if (ends !== null && timeMs > ends && !early) return { ...named, standing: "expired", why: `its key expired on ${key.notAfter}` }
      return { ...named, standing: "valid", why: "" }
    }
    return null
  }
}

/** Revocations that hold over a root: its own, and ours. */
export function revocationsOver(view: RootView, views: readonly RootView[]): Revocations[] {
  return [view, ...views.filter(one => one.own && one !== view)].flatMap(one => (one.revocations === null ? [] : [one.revocations]))
}

/**
 * The version by whose word the key holds the role: the newest; or an earlier one, where a revocation line says until when what
 * the key signed still counts. A key that left its role without such a line counts for nothing.
 */
function versionWithRole(view: RootView, role: Role, keyId: KeyId, places: readonly LedgerPlace[]): RootVersion | null {
  const { newest, versions } = view.chain
  if (holdsRole(newest, role, keyId)) return newest
  const former = [...versions].reverse().find(version => holdsRole(version, role, keyId))
  const lined = view.revocations?.keys.some(line => line.keyid === keyId) ?? false
  return former && lined && places.length > 0 ? former : null
}

function rootKeyOf(chain: RootChain, keyId: KeyId) {
  for (const version of [...chain.versions].reverse()) {
    const key = version.document.keys[keyId]
    if (key) return key
  }
  return null
}

/** Which of two records came first: by the Ledger both stand in, else by when they reached ours. */
function orderOf(left: Held, right: Held): number {
  for (const place of left.places) {
    const same = right.places.find(other => other.origin === place.origin)
    if (same) return place.index - same.index
  }
  return left.sequence - right.sequence
}
