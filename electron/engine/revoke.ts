/** Ends belief in a key, a Module or a Mapping: a signed line that is never taken back, in force at once. */
import type { Digest, KeyId } from "../../shared/digest.ts"
import type { AnswerOf, ParsedOf } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { CheckpointRef, Revocations, VerdictState } from "../../shared/trust.ts"
import { authoritySigners, ownRootOf } from "./authority.ts"
import { changesBetween, statesOf } from "./changes.ts"
import { canonicalBytes } from "./core/canonical.ts"
import { checkpointRef } from "./core/checkpoint.ts"
import type { RevokedKey, RevokedModule } from "./core/revocations.ts"
import { openRevocations, sealRevocations, successionFault, withLines } from "./core/revocations.ts"
import { holdsRole } from "./core/root.ts"
import { dayMs, textOfTime } from "./core/time.ts"
import { digestNamed } from "./naming.ts"
import { preparedText } from "./prepared.ts"
import type { TrustState } from "./trust-state.ts"

/** How long a revocation document counts as fresh where others demand it. */
export const revocationsLifetimeMs = 365 * dayMs

/**
 * `what`: a KeyId of the root, or the Digest of a Module or a Mapping; each may be shortened. Throws `unknown-digest`,
 * `ambiguous-prefix`, `wrong-usage` (a reason of the other kind), `not-permitted`, `keys-missing`, `keys-locked`.
 */
export async function revoke(input: ParsedOf<"revoke">, state: TrustState): Promise<AnswerOf<"revoke">> {
  const target = targetOf(input.what, state)
  const mappings = affectedBy(target, state)
  const before = statesOf(mappings, state)
  const lines =
    target.kind === "key" ? { keys: [await keyLine(target.keyId, input, state)] } : { modules: [moduleLine(target.digest, input, state)] }
  if (input.prepare) return prepared(lines, before, state)
  const version = await putRevocations(
    lines,
    { what: target.kind === "key" ? target.keyId : target.digest, reason: input.reason, note: input.note },
    state
  )
  const changed = changesBetween(before, statesOf(mappings, state))
  // what trust rests on is put under a checkpoint at once: a store put back to before it is then noticed
  await state.checkpoint(true)
  return { version, changed }
}

/** The next document without signatures, and what it would change; nothing is signed or written but the checkpoint a line needs. */
function prepared(lines: Lines, before: ReadonlyMap<Digest, VerdictState>, state: TrustState): AnswerOf<"revoke"> {
  const document = nextDocument(lines, state)
  const newest = state.root()?.newest
  const own = newest === undefined ? {} : { own: { newest, revocations: document } }
  const after = new Map([...before.keys()].map(mapping => [mapping, state.verdict(mapping, own).state]))
  return {
    version: document.version,
    changed: changesBetween(before, after),
    document: preparedText("revocations", canonicalBytes(document))
  }
}

interface Lines {
  readonly keys?: readonly RevokedKey[]
  readonly modules?: readonly RevokedModule[]
}

type Target = { readonly kind: "key"; readonly keyId: KeyId } | { readonly kind: "module" | "mapping"; readonly digest: Digest }

function targetOf(what: string, state: TrustState): Target {
  const keys = [...new Set((state.root()?.versions ?? []).flatMap(version => [...version.publicKeys.keys()]))]
  const fitting = /^[0-9a-f]{4,64}$/.test(what) ? keys.filter(id => id.startsWith(what)) : []
  const [key] = fitting
  const mappings = new Set(state.mappings())
  let digest: Digest | null = null
  try {
    digest = digestNamed(what, [...state.modules(), ...mappings])
  } catch (failure) {
    if (!(failure instanceof EngineFailure && failure.code === "unknown-digest")) throw failure
    if (key === undefined)
      throw new EngineFailure("unknown-digest", `no key of the root, no Module and no Mapping here begins with ${what}`)
  }
  if (fitting.length > 1 || (key !== undefined && digest !== null))
    throw new EngineFailure("ambiguous-prefix", `${what} names several things: give more digits`)
  if (key !== undefined) return { kind: "key", keyId: key }
  return { kind: mappings.has(digest as Digest) ? "mapping" : "module", digest: digest as Digest }
}

function affectedBy(target: Target, state: TrustState): readonly Digest[] {
  if (target.kind === "key") return state.mappings()
  if (target.kind === "mapping") return [target.digest]
  const affected = new Set(state.mappingsOf(target.digest))
  // whoever imports it, and whoever imports those: a Set takes in what is added while it is walked
  const modules = new Set([target.digest])
  for (const module of modules) {
    for (const importer of state.importersOf(module)) {
      affected.add(importer)
      const known = state.claimOf(importer)
      if (known !== null) modules.add(known.claim.module.digest)
    }
  }
  return [...affected]
}

async function keyLine(keyid: KeyId, input: ParsedOf<"revoke">, state: TrustState): Promise<RevokedKey> {
  const { reason } = input
  if (reason === "wrong" || reason === "harmful")
    throw new EngineFailure("wrong-usage", "a key is revoked as compromised, superseded or ceased")
  const newest = state.root()?.newest
  if (
    newest &&
    holdsRole(newest, "authority", keyid) &&
    newest.document.roles.authority.keyids.length <= newest.document.roles.authority.threshold
  )
    throw new EngineFailure(
      "not-permitted",
      "this key signs revocations and could not sign its own: rotate the authority first, then revoke the old key"
    )
  // what was logged before counts on, unless the key is compromised: then nothing does
  return reason === "compromised" ? { keyid, reason } : { keyid, reason, asOf: await presentCheckpoint(state) }
}

/** A checkpoint over everything logged so far; the newest one where the ledger key is locked. */
export async function presentCheckpoint(state: TrustState): Promise<CheckpointRef> {
  await state.checkpoint(true)
  const newest = state.newestCheckpoint()
  if (newest === null)
    throw new EngineFailure("keys-locked", "there is no checkpoint yet to say until when the key's word counts: unlock the ledger key")
  return checkpointRef(newest.checkpoint)
}

function moduleLine(digest: Digest, input: ParsedOf<"revoke">, state: TrustState): RevokedModule {
  const replacement =
    input.replacement === undefined ? undefined : digestNamed(input.replacement, [...state.modules(), ...state.mappings()])
  return {
    digest,
    reason: input.reason,
    ...(input.note === undefined ? {} : { note: input.note }),
    ...(replacement === undefined ? {} : { replacement })
  }
}

/** Signs and logs the next revocations with these lines added to those in force; answers its version. */
export async function putRevocations(
  lines: Lines,
  why: { readonly what: string; readonly reason: string; readonly note?: string | undefined },
  state: TrustState
): Promise<number> {
  const bytes = sealRevocations(nextDocument(lines, state), authoritySigners(ownRootOf(state), state))
  return putRevocationsDocument(bytes, why, state)
}

/**
 * Puts a signed document in force and logs it. Throws `trust-damaged` where the authority's threshold did not sign it, its version
 * is not the next one, or it takes a line back.
 */
export async function putRevocationsDocument(
  bytes: Uint8Array,
  why: { readonly what: string; readonly reason: string; readonly note?: string | undefined },
  state: TrustState
): Promise<number> {
  state.assertWritable()
  const root = state.root()
  if (root === null) throw new EngineFailure("trust-damaged", state.rootProblem() ?? "the store has no root")
  const opened = openRevocations(bytes, root.newest, state.ports.crypto.verify)
  if (typeof opened === "string") throw new EngineFailure("trust-damaged", `the revocations are refused: ${opened}`)
  const fault = successionFault(believedLines(state), opened)
  if (fault !== null) throw new EngineFailure("trust-damaged", `the revocations are refused: ${fault}`)
  await state.ports.trust.putRevocations(bytes)
  const { what, reason, note } = why
  const body = { root: root.id, own: true, version: opened.version, what, reason, ...(note === undefined ? {} : { note }) }
  await state.append({ kind: "revoked", body, parts: [{ kind: "revocations", bytes }] })
  return opened.version
}

function nextDocument(lines: Lines, state: TrustState): Revocations {
  return withLines(believedLines(state), lines, textOfTime(state.ports.clock.nowMs() + revocationsLifetimeMs))
}

/** Lines that are not believed are not built upon: a next version without them would take them back. */
export function believedLines(state: TrustState): Revocations {
  const problem = state.rootProblem()
  if (problem !== null) throw new EngineFailure("trust-damaged", problem)
  return state.revocations()
}
