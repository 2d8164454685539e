/** The five Statements about a Mapping in their signed form, and the opening of Attestations nobody vouches for yet. */
import type { Digest, KeyId } from "../../../shared/digest.ts"
import { digestOfHex, hexOf, isDigest, isKeyId } from "../../../shared/digest.ts"
import type { ImportClaim, Mapping } from "../../../shared/module.ts"
import { mappingSchema, sizeLimits } from "../../../shared/module.ts"
import type { Attestation, Statement, ViewedProperty } from "../../../shared/trust.ts"
import { predicateTypes, viewedProperties } from "../../../shared/trust.ts"
import type { Json } from "./canonical.ts"
import { canonicalBytes, parseStrictJson, readStrictJson } from "./canonical.ts"
import type { VerifySignature } from "./crypto.ts"
import { digestOf } from "./digest.ts"
import type { OpenedEnvelope, Sign } from "./dsse.ts"
import { isObject, openEnvelope, payloadTypes, sealEnvelope } from "./dsse.ts"
import { mappingDigest } from "./mapping.ts"

export const bundleMediaType = "application/vnd.dev.sigstore.bundle.v0.3+json"

/** Bytes of one stored Attestation; a Ledger record holds several in 256 KiB. */
export const attestationBytesMax = 131_072

const buildTypes = { rtfs: "urn:rtfs:l4:build:v1", foreign: "urn:rtfs:l4:foreign:v1" } as const
const builderId = "urn:rtfs:l4:builder:v1"
/** An extension field of the sign-off's predicate; in-toto readers ignore what they do not know. */
const noteField = "urn:rtfs:l4:note:v1"

/** Properties of a sign-off besides the evidence viewed. */
export const signOffProperties = { accepted: "RTFS_L4_SIGNED_OFF", refused: "RTFS_L4_REFUSED", firstStart: "RTFS_L4_FIRST_START" } as const

/** The Claim: this Module answers this Task with this Interface and entry. */
export function claimStatement(mapping: Mapping): Statement {
  return statementOf([moduleSubject(mapping.module.digest)], predicateTypes.claim, mapping)
}

export interface EmbeddingFacts {
  readonly mapping: Digest
  readonly module: Digest
  readonly model: { readonly id: string; readonly digest: Digest }
  readonly dimensions: number
  /** Digest of the vector's bytes, f32 little-endian. */
  readonly vector: Digest
}

export function embeddingStatement(facts: EmbeddingFacts): Statement {
  return statementOf([moduleSubject(facts.module), mappingSubject(facts.mapping)], predicateTypes.embedding, {
    claim: facts.mapping,
    model: facts.model,
    dimensions: facts.dimensions,
    encoding: "f32le",
    digest: facts.vector
  })
}

export interface BuildFacts {
  readonly kind: "rtfs"
  readonly module: Digest
  readonly source: Digest
  readonly entry: string
  readonly runtime: Digest
  readonly imports: readonly ImportClaim[]
  readonly compiler: string
  readonly options: Readonly<Record<string, string | number | boolean>>
  readonly request: Digest | null
  /** RFC 3339; informs only. */
  readonly startedOn: string
  readonly finishedOn: string
}

/** A plain Module handed in as bytes: `origin` says in words where it came from. */
export interface ForeignFacts {
  readonly kind: "foreign"
  readonly module: Digest
  readonly origin: string
  readonly request: Digest | null
}

/** SLSA provenance, Build L1: it exists; there is no hosted builder to claim more. */
export function provenanceStatement(facts: BuildFacts | ForeignFacts): Statement {
  const request = facts.request === null ? {} : { request: facts.request }
  const predicate =
    facts.kind === "rtfs"
      ? {
          buildDefinition: {
            buildType: buildTypes.rtfs,
            externalParameters: { source: facts.source, entry: facts.entry, options: facts.options, ...request },
            resolvedDependencies: [
              { name: "runtime", digest: { sha256: hexOf(facts.runtime) } },
              ...facts.imports.map(one => ({ name: `import:${one.name}`, digest: { sha256: hexOf(one.digest) } }))
            ]
          },
          runDetails: {
            builder: { id: builderId, version: { compiler: facts.compiler } },
            metadata: { startedOn: facts.startedOn, finishedOn: facts.finishedOn }
          }
        }
      : {
          buildDefinition: {
            buildType: buildTypes.foreign,
            externalParameters: { origin: facts.origin, ...request },
            resolvedDependencies: []
          },
          runDetails: { builder: { id: builderId } }
        }
  return statementOf([moduleSubject(facts.module)], predicateTypes.provenance, predicate)
}

export interface TestFacts {
  readonly module: Digest
  readonly examples: Digest
  /** Digest of the canonical JSON of the limits the Examples ran under. */
  readonly limits: Digest
  /** Positions of the Examples, from 1. */
  readonly passed: readonly number[]
  readonly warned: readonly number[]
  readonly failed: readonly number[]
}

export function testResultStatement(facts: TestFacts): Statement {
  return statementOf([moduleSubject(facts.module)], predicateTypes.testResult, {
    result: facts.failed.length > 0 ? "FAILED" : facts.warned.length > 0 ? "WARNED" : "PASSED",
    configuration: [
      { name: "examples", digest: { sha256: hexOf(facts.examples) } },
      { name: "limits", digest: { sha256: hexOf(facts.limits) } }
    ],
    passedTests: facts.passed.map(String),
    warnedTests: facts.warned.map(String),
    failedTests: facts.failed.map(String)
  })
}

export interface SignOffFacts {
  readonly module: Digest
  readonly mapping: Digest
  readonly reviewer: KeyId
  readonly decision: "accept" | "refuse"
  readonly viewed: readonly ViewedProperty[]
  /** Accepted by the first start, which no person reviewed. */
  readonly firstStart: boolean
  readonly note: string
  readonly policy: Digest | null
  /** RFC 3339; informs only. */
  readonly timeCreated: string
}

/** A person's word on one Mapping. A refusal claims nothing else, so that a tool looking for acceptance finds none. */
export function signOffStatement(facts: SignOffFacts): Statement {
  const accepted = [signOffProperties.accepted, ...(facts.firstStart ? [signOffProperties.firstStart] : []), ...facts.viewed]
  return statementOf([moduleSubject(facts.module), mappingSubject(facts.mapping)], predicateTypes.signOff, {
    verifier: {
      id: `urn:rtfs:l4:reviewer:${facts.reviewer}`,
      policies: facts.policy === null ? [] : [{ name: "policy", digest: { sha256: hexOf(facts.policy) } }]
    },
    timeCreated: facts.timeCreated,
    properties: facts.decision === "accept" ? accepted : [signOffProperties.refused],
    ...(facts.note === "" ? {} : { [noteField]: facts.note })
  })
}

/** The exact bytes a signature is made over once the Statement is sealed: what a review screen renders from. */
export function statementPayload(statement: Statement): Uint8Array {
  return canonicalBytes(statement)
}

/** A Sigstore bundle v0.3 with one signature, as stored bytes. */
export function sealAttestation(statement: Statement, keyId: KeyId, sign: Sign): Uint8Array {
  const attestation: Attestation = {
    mediaType: bundleMediaType,
    verificationMaterial: { publicKey: { hint: keyId } },
    dsseEnvelope: sealEnvelope(payloadTypes.statement, statementPayload(statement), [{ keyId, sign }])
  }
  return canonicalBytes(attestation)
}

/**
 * What an Attestation turns out to be.
 * `genuine`: the key signed this Statement. `malformed`: the key signed, but no Statement. `ignored`: it counts for nothing.
 */
export type OpenedAttestation =
  | {
      readonly kind: "genuine"
      readonly digest: Digest
      readonly keyId: KeyId
      readonly statement: Statement
      readonly payload: Uint8Array
    }
  | { readonly kind: "malformed"; readonly digest: Digest; readonly keyId: KeyId; readonly reason: string }
  | { readonly kind: "ignored"; readonly digest: Digest; readonly reason: string }

/** Opens stored bytes. `keyOf` answers the public key (32 bytes) of a KeyId it knows; the hint is believed for nothing else. */
export function openAttestation(bytes: Uint8Array, keyOf: (keyId: KeyId) => Uint8Array | null, verify: VerifySignature): OpenedAttestation {
  const { digest, hint, envelope, statement } = readingOf(bytes)
  const ignored = (reason: string): OpenedAttestation => ({ kind: "ignored", digest, reason })
  if (typeof envelope === "string") return ignored(envelope)
  const signature = envelope.signatures[0]
  if (signature === undefined || envelope.signatures.length !== 1)
    return ignored(`expected exactly one signature, found ${envelope.signatures.length}`)
  if (signature.keyId !== hint) return ignored("the hint and the keyid differ")
  if (!isKeyId(hint)) return ignored("the hint is no KeyId")
  const publicKey = keyOf(hint)
  if (publicKey === null) return ignored("its key is in no confirmed root")
  if (!verify(signature.bytes, envelope.signed, publicKey)) return ignored("the signature does not hold")
  return typeof statement === "string"
    ? { kind: "malformed", digest, keyId: hint, reason: statement }
    : { kind: "genuine", digest, keyId: hint, statement, payload: envelope.payload }
}

/** What an Attestation says of itself before anything is verified; for lists and labels only. Null where it is no bundle. */
export function peekAttestation(bytes: Uint8Array): { readonly keyId: string; readonly statement: Statement | null } | null {
  const { envelope, statement } = readingOf(bytes)
  if (typeof envelope === "string") return null
  return { keyId: envelope.signatures[0]?.keyId ?? "", statement: typeof statement === "string" ? null : statement }
}

/** The stored bytes laid out for people to read; null where they are no bundle. */
export function shownAttestation(bytes: Uint8Array): string | null {
  return peekAttestation(bytes) === null ? null : JSON.stringify(parseStrictJson(bytes), null, 2)
}

/** What stored bytes say, nothing verified. A text instead of the envelope or the Statement says why there is none. */
interface Reading {
  readonly digest: Digest
  readonly hint: unknown
  readonly envelope: OpenedEnvelope | string
  readonly statement: Statement | string
}

/** Reading is most of the work, and the same for every root and question: done once for each array of bytes, which nobody changes. */
const readings = new WeakMap<Uint8Array, Reading>()

function readingOf(bytes: Uint8Array): Reading {
  const known = readings.get(bytes)
  if (known !== undefined) return known
  const reading = readAttestation(bytes)
  readings.set(bytes, reading)
  return reading
}

function readAttestation(bytes: Uint8Array): Reading {
  const digest = digestOf(bytes)
  const unread = (envelope: string): Reading => ({ digest, hint: undefined, envelope, statement: envelope })
  if (bytes.length > attestationBytesMax) return unread(`it is larger than ${attestationBytesMax} bytes`)
  const read = readStrictJson(bytes)
  if (typeof read === "string") return unread(`it is ${read}`)
  const { json } = read
  if (!isObject(json) || json.mediaType !== bundleMediaType) return unread(`it is no bundle of type ${bundleMediaType}`)
  const material = json.verificationMaterial
  const named = isObject(material) ? material.publicKey : undefined
  const envelope = openEnvelope(json.dsseEnvelope, payloadTypes.statement)
  if (typeof envelope === "string") return unread(envelope)
  return { digest, hint: isObject(named) ? named.hint : undefined, envelope, statement: statementFrom(envelope.payload) }
}

/** Decodes an in-toto Statement v1; in words, why it is none. */
function statementFrom(payload: Uint8Array): Statement | string {
  const read = readStrictJson(payload)
  if (typeof read === "string") return `the payload is ${read}`
  const { json } = read
  if (!isObject(json) || json._type !== "https://in-toto.io/Statement/v1") return "the payload is no in-toto Statement v1"
  if (typeof json.predicateType !== "string" || !isObject(json.predicate)) return "the Statement has no predicate"
  if (!Array.isArray(json.subject) || json.subject.length === 0) return "the Statement names no subject"
  const subject: { name: string; digest: { sha256: string } }[] = []
  for (const one of json.subject as readonly Json[]) {
    const sha256 = isObject(one) && isObject(one.digest) ? one.digest.sha256 : undefined
    if (!isObject(one) || typeof one.name !== "string" || typeof sha256 !== "string" || !/^[0-9a-f]{64}$/.test(sha256))
      return "a subject of the Statement is malformed"
    subject.push({ name: one.name, digest: { sha256 } })
  }
  return { _type: "https://in-toto.io/Statement/v1", subject, predicateType: json.predicateType, predicate: json.predicate }
}

/** Digest of the subject of this name; null where there is none, or more than one. */
export function subjectOf(statement: Statement, name: "module" | "mapping"): Digest | null {
  const named = statement.subject.filter(one => one.name === name)
  return named.length === 1 && named[0] ? digestOfHex(named[0].digest.sha256) : null
}

export interface DecodedClaim {
  readonly mapping: Mapping
  readonly digest: Digest
}

/** The Claim in a Statement of that type, or why it is malformed. Its Digest covers unknown members too. */
export function decodeClaim(statement: Statement): DecodedClaim | string {
  const parsed = mappingSchema.safeParse(statement.predicate)
  if (!parsed.success) return `the Claim is malformed: ${parsed.error.issues[0]?.path.join(".")}: ${parsed.error.issues[0]?.message}`
  const mapping = parsed.data
  if (subjectOf(statement, "module") !== mapping.module.digest) return "the Claim's Module is not its subject"
  if (new Set(mapping.imports?.map(one => one.name)).size !== (mapping.imports?.length ?? 0)) return "the Claim imports one name twice"
  if (mapping.namespace !== undefined && !/^[^\p{Cc}]{0,255}\/$/u.test(mapping.namespace))
    return "the Claim's namespace does not end in a slash"
  return { mapping, digest: mappingDigest(statement.predicate) }
}

export interface DecodedEmbedding {
  readonly claim: Digest
  readonly model: { readonly id: string; readonly digest: Digest }
  readonly dimensions: number
  readonly vector: Digest
}

export function decodeEmbedding(statement: Statement): DecodedEmbedding | string {
  const { claim, model, dimensions, encoding, digest } = statement.predicate
  if (!isDigest(claim) || !isDigest(digest) || encoding !== "f32le" || typeof dimensions !== "number" || !Number.isSafeInteger(dimensions))
    return "the embedding Attestation is malformed"
  if (!isObject(model) || typeof model.id !== "string" || !isDigest(model.digest)) return "the embedding Attestation names no model"
  if (subjectOf(statement, "mapping") !== claim) return "the embedding Attestation names another Mapping than its subject"
  return { claim, model: { id: model.id, digest: model.digest }, dimensions, vector: digest }
}

export type DecodedProvenance =
  | {
      readonly kind: "rtfs"
      readonly source: Digest
      readonly entry: string
      readonly runtime: Digest
      readonly imports: readonly ImportClaim[]
      readonly compiler: string
      readonly request: Digest | null
    }
  | { readonly kind: "foreign"; readonly origin: string; readonly request: Digest | null }

export function decodeProvenance(statement: Statement): DecodedProvenance | string {
  const { buildDefinition, runDetails } = statement.predicate
  const parameters = isObject(buildDefinition) ? buildDefinition.externalParameters : undefined
  if (!isObject(buildDefinition) || !isObject(parameters) || !isObject(runDetails)) return "the provenance is malformed"
  const request = isDigest(parameters.request) ? parameters.request : null
  if (buildDefinition.buildType === buildTypes.foreign)
    return typeof parameters.origin === "string" ? { kind: "foreign", origin: parameters.origin, request } : "the provenance says no origin"
  if (buildDefinition.buildType !== buildTypes.rtfs) return "the provenance is of an unknown build type"
  const builder = runDetails.builder
  const version = isObject(builder) && isObject(builder.version) ? builder.version.compiler : undefined
  if (!isDigest(parameters.source) || typeof parameters.entry !== "string" || typeof version !== "string")
    return "the provenance is malformed"
  const named = dependenciesOf(buildDefinition.resolvedDependencies)
  const runtime = named?.filter(one => one.name === "runtime")
  if (!named || runtime?.length !== 1 || !runtime[0]) return "the provenance names no runtime"
  const imports = named
    .filter(one => one.name.startsWith("import:"))
    .map(one => ({ name: one.name.slice("import:".length), digest: one.digest }))
  return {
    kind: "rtfs",
    source: parameters.source,
    entry: parameters.entry,
    runtime: runtime[0].digest,
    imports,
    compiler: version,
    request
  }
}

function dependenciesOf(json: Json | undefined): { name: string; digest: Digest }[] | null {
  if (!Array.isArray(json)) return null
  const named: { name: string; digest: Digest }[] = []
  for (const one of json as readonly Json[]) {
    const sha256 = isObject(one) && isObject(one.digest) ? one.digest.sha256 : undefined
    if (!isObject(one) || typeof one.name !== "string" || typeof sha256 !== "string" || !/^[0-9a-f]{64}$/.test(sha256)) return null
    named.push({ name: one.name, digest: digestOfHex(sha256) })
  }
  return named
}

export interface DecodedTestResult {
  readonly result: "PASSED" | "WARNED" | "FAILED"
  readonly examples: Digest | null
  readonly passed: ReadonlySet<string>
  readonly failed: ReadonlySet<string>
}

export function decodeTestResult(statement: Statement): DecodedTestResult | string {
  const { result, configuration, passedTests, failedTests } = statement.predicate
  if (result !== "PASSED" && result !== "WARNED" && result !== "FAILED") return "the test result is none of PASSED, WARNED and FAILED"
  const named = dependenciesOf(configuration as Json)
  if (!named) return "the test result's configuration is malformed"
  const lists = [passedTests ?? [], failedTests ?? []]
  if (!lists.every(list => Array.isArray(list) && list.every(test => typeof test === "string")))
    return "the test result's lists are malformed"
  return {
    result,
    examples: named.find(one => one.name === "examples")?.digest ?? null,
    passed: new Set(lists[0] as string[]),
    failed: new Set(lists[1] as string[])
  }
}

export interface DecodedSignOff {
  readonly mapping: Digest
  readonly decision: "accept" | "refuse"
  readonly viewed: ReadonlySet<ViewedProperty>
  readonly firstStart: boolean
  readonly note: string
  readonly timeCreated: string
}

export function decodeSignOff(statement: Statement): DecodedSignOff | string {
  const { verifier, timeCreated, properties } = statement.predicate
  if (!isObject(verifier) || typeof verifier.id !== "string" || !Array.isArray(verifier.policies))
    return "the sign-off names no verifier with its policies"
  if (typeof timeCreated !== "string" || !Array.isArray(properties) || !properties.every(one => typeof one === "string"))
    return "the sign-off is malformed"
  const mapping = subjectOf(statement, "mapping")
  if (mapping === null) return "the sign-off names no Mapping"
  const claimed = new Set(properties as string[])
  const refused = claimed.has(signOffProperties.refused)
  if (refused === claimed.has(signOffProperties.accepted)) return "the sign-off neither accepts nor refuses, or does both"
  const note = statement.predicate[noteField] ?? ""
  if (typeof note !== "string" || [...note].length > sizeLimits.noteCharactersMax)
    return `the sign-off's note is no text of at most ${sizeLimits.noteCharactersMax} characters`
  return {
    mapping,
    decision: refused ? "refuse" : "accept",
    viewed: new Set(viewedProperties.filter(one => claimed.has(one))),
    firstStart: claimed.has(signOffProperties.firstStart),
    note,
    timeCreated
  }
}

function statementOf(subject: Statement["subject"], predicateType: string, predicate: object): Statement {
  return { _type: "https://in-toto.io/Statement/v1", subject, predicateType, predicate: predicate as Statement["predicate"] }
}

function moduleSubject(module: Digest): Statement["subject"][number] {
  return { name: "module", digest: { sha256: hexOf(module) } }
}

function mappingSubject(mapping: Digest): Statement["subject"][number] {
  return { name: "mapping", digest: { sha256: hexOf(mapping) } }
}
