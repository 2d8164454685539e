/** Roots of other people: handed over as a file, confirmed by a fingerprint that was compared, and kept with our authority's word for it. */
import type { AnswerOf, ParsedOf } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { Revocations } from "../../shared/trust.ts"
import { authoritySigners, ownRootOf } from "./authority.ts"
import { openAcceptance, sealAcceptance } from "./core/acceptance.ts"
import type { Json } from "./core/canonical.ts"
import { canonicalBytes, parseStrictJson, readStrictJson } from "./core/canonical.ts"
import type { VerifySignature } from "./core/crypto.ts"
import { isObject } from "./core/dsse.ts"
import { openRevocations } from "./core/revocations.ts"
import type { RootChain, RootVersion } from "./core/root.ts"
import { openRootChain } from "./core/root.ts"
import { utf8Decode, utf8Encode } from "./core/utf8.ts"
import type { Joined } from "./prepared.ts"
import { preparedText } from "./prepared.ts"
import type { TrustState } from "./trust-state.ts"

/** A root as a file holds it. The file is the newest version's envelope, with the versions before it and the revocations beside. */
interface RootFile {
  readonly chain: RootChain
  readonly revocations: { readonly document: Revocations; readonly envelope: Uint8Array } | null
}

/** What of a foreign root is written. `acceptance`: our authority's word, where it is newly confirmed. */
export interface ForeignRootChange {
  readonly chain: RootChain
  readonly versions: readonly Pick<RootVersion, "document" | "envelope">[]
  readonly acceptance: Uint8Array | null
  readonly revocations: RootFile["revocations"]
}

/** The own root with all its versions and its revocations as one file, for whoever is to confirm it. */
export async function exportRoot(_input: ParsedOf<"exportRoot">, state: TrustState): Promise<AnswerOf<"exportRoot">> {
  const chain = state.root()
  if (chain === null) throw new EngineFailure("trust-damaged", state.rootProblem() ?? "the store has no root")
  const json = (bytes: Uint8Array) => parseStrictJson(bytes) as Readonly<Record<string, Json>>
  const revocations = state.ports.trust.revocations()
  const earlier = chain.versions.slice(0, -1).map(version => json(version.envelope))
  const file = {
    ...json(chain.newest.envelope),
    ...(earlier.length === 0 ? {} : { earlier }),
    ...(revocations === null ? {} : { revocations: json(revocations) })
  }
  return {
    file: utf8Decode(canonicalBytes(file)) ?? "",
    id: chain.id,
    version: chain.newest.document.version,
    fingerprint: chain.newest.fingerprint
  }
}

/**
 * Confirms the root in a file. Throws `wrong-usage` where the file holds no sound root, `not-permitted` where no version of it has
 * the fingerprint, `trust-damaged` where it contradicts the one kept, `keys-missing` and `keys-locked` of the authority. With
 * `prepare` nothing is written: the acceptance is answered as a document to be signed elsewhere.
 */
export async function confirmForeignRoot(
  text: string,
  fingerprint: string,
  prepare: boolean,
  state: TrustState
): Promise<AnswerOf<"confirmRoot">> {
  const file = rootFileIn(text, state.ports.crypto.verify)
  const { chain } = file
  if (!chain.versions.some(version => version.fingerprint === fingerprint))
    throw new EngineFailure(
      "not-permitted",
      "no version of the root in this file has that fingerprint: it is not the root you were told of, and nothing is confirmed",
      { expected: fingerprint, found: chain.versions.map(version => version.fingerprint) }
    )
  if (chain.id === state.root()?.id)
    throw new EngineFailure("wrong-usage", "this is the store's own root: leave the file out to confirm it")
  const change = changeTo(file, state)
  const origin = chain.newest.document.ledgers.find(one => one.closedAt === undefined)?.origin ?? ""
  const answer = { id: chain.id, version: chain.newest.document.version, origin, already: change.known }
  const acceptance = { root: chain.id, fingerprint }
  if (prepare) {
    const beside = { carried: parseStrictJson(utf8Encode(text)) }
    return { ...answer, document: preparedText("acceptance", canonicalBytes(acceptance), beside) }
  }
  const signed = change.known ? null : sealAcceptance(acceptance, authoritySigners(ownRootOf(state), state))
  await putForeignRoot({ ...change, acceptance: signed }, state)
  await state.checkpoint(true)
  return answer
}

/** Puts a root in force whose acceptance was signed elsewhere. Throws `trust-damaged` where our authority's threshold did not sign it. */
export async function putAccepted({ bytes, beside }: Joined, state: TrustState): Promise<RootChain> {
  const own = state.root()
  const accepted = own === null ? "the store has no root" : openAcceptance(bytes, own, state.ports.crypto.verify)
  if (typeof accepted === "string") throw new EngineFailure("trust-damaged", `the acceptance is refused: ${accepted}`)
  if (accepted.by !== own?.newest.document.version)
    throw new EngineFailure("trust-damaged", "the acceptance is refused: the authority in force did not sign it")
  if (beside.carried === undefined) throw new EngineFailure("wrong-usage", "the acceptance does not carry the root it speaks of")
  const file = rootFileIn(utf8Decode(canonicalBytes(beside.carried)) ?? "", state.ports.crypto.verify)
  const { chain } = file
  if (chain.id !== accepted.root || !chain.versions.some(version => version.fingerprint === accepted.fingerprint))
    throw new EngineFailure("trust-damaged", "the acceptance speaks of another root than it carries")
  await putForeignRoot({ ...changeTo(file, state), acceptance: bytes }, state)
  return chain
}

/** First our authority's word, then the versions, then the revocations; a crash between leaves less, and doing it again completes it. */
export async function putForeignRoot({ chain, versions, acceptance, revocations }: ForeignRootChange, state: TrustState): Promise<void> {
  state.assertWritable()
  const { trust } = state.ports
  const { id } = chain
  if (acceptance !== null) await trust.putForeignAcceptance(id, acceptance)
  const there = trust.foreignRoots().find(one => one.id === id)?.versions.length ?? 0
  for (const { document, envelope } of versions) if (document.version > there) await trust.putForeignRoot(id, document.version, envelope)
  const parts = [...(acceptance === null ? [] : [acceptance]), ...versions.map(version => version.envelope)]
  if (parts.length > 0) {
    const { document, fingerprint } = chain.newest
    await state.append({
      kind: "trusted",
      body: { root: id, own: false, version: document.version, fingerprint },
      parts: parts.map(bytes => ({ kind: "root", bytes }))
    })
  }
  if (revocations === null) return
  await trust.putForeignRevocations(id, revocations.envelope)
  await state.append({
    kind: "revoked",
    body: { root: id, own: false, version: revocations.document.version, what: "a foreign root's revocations", reason: "imported" },
    parts: [{ kind: "revocations", bytes: revocations.envelope }]
  })
}

/** What the file has that is not here. Throws `trust-damaged` where it contradicts what is. */
function changeTo(
  { chain, revocations }: RootFile,
  state: TrustState
): Omit<ForeignRootChange, "acceptance"> & { readonly known: boolean } {
  const here = state.bench().views.find(view => view.chain.id === chain.id)
  const known = here?.chain.versions ?? []
  for (const [at, version] of known.entries()) {
    const brought = chain.versions[at]
    if (brought !== undefined && brought.fingerprint !== version.fingerprint)
      throw new EngineFailure("trust-damaged", `version ${at + 1} in the file is another than the one confirmed here: nothing is confirmed`)
  }
  const older = chain.versions.length < known.length
  return {
    chain: older && here !== undefined ? here.chain : chain,
    versions: chain.versions.slice(known.length),
    revocations: !older && revocations !== null && revocations.document.version > (here?.revocations?.version ?? 0) ? revocations : null,
    known: here !== undefined
  }
}

function rootFileIn(text: string, verify: VerifySignature): RootFile {
  const refused = (why: string) => new EngineFailure("wrong-usage", `expected a root file, as l4 root export writes it: ${why}`)
  const read = readStrictJson(utf8Encode(text))
  if (typeof read === "string") throw refused(`it is ${read}`)
  const { json } = read
  if (!isObject(json)) throw refused("it is no object")
  const { earlier, revocations, ...newest } = json
  const envelopes = [...(Array.isArray(earlier) ? (earlier as readonly Json[]) : []), newest].map(one => canonicalBytes(one))
  const opened = openRootChain(envelopes, verify)
  if (opened.kind === "broken") throw refused(`version ${opened.version} is not believed: ${opened.reason}`)
  if (revocations === undefined) return { chain: opened.chain, revocations: null }
  const envelope = canonicalBytes(revocations)
  const document = openRevocations(envelope, opened.chain.newest, verify)
  if (typeof document === "string") throw refused(`its revocations are not believed: ${document}`)
  return { chain: opened.chain, revocations: { document, envelope } }
}
