/** What the verbs know of trust while a store is open: roots, policy, revocations, evidence by Mapping, and the Verdicts they add up to. */
import type { Digest, KeyId } from "../../shared/digest.ts"
import { isDigest } from "../../shared/digest.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { LedgerDraft, LedgerEntry, LedgerRecord } from "../../shared/ledger.ts"
import type { Mapping } from "../../shared/module.ts"
import type { KeyPurpose, Revocations, Role, Verdict } from "../../shared/trust.ts"
import type { Acceptance } from "./core/acceptance.ts"
import { openAcceptance } from "./core/acceptance.ts"
import type { Checkpoint, LedgerKey } from "./core/checkpoint.ts"
import { checkpointRef, openCheckpoint, parseVkey, signCheckpoint } from "./core/checkpoint.ts"
import type { RootView } from "./core/counting.ts"
import { digestOfHash, equalBytes, toBase64, toHex } from "./core/digest.ts"
import type { Signer } from "./core/dsse.ts"
import { openEnvelopeBytes, payloadTypes } from "./core/dsse.ts"
import type { PolicyInForce } from "./core/policy.ts"
import { policyInForce } from "./core/policy.ts"
import { noRevocations, openRevocations, strikesKey } from "./core/revocations.ts"
import type { RootChain, RootVersion } from "./core/root.ts"
import { holdsRole, openRootChain } from "./core/root.ts"
import { isClockBehind, timeOfReckoning } from "./core/rules.ts"
import { dayMs, timeOf } from "./core/time.ts"
import type { HeldAttestation } from "./evidence.ts"
import { createEvidence } from "./evidence.ts"
import { foreignViews, keptCheckpoints, type ListedLedger, ledgersOf } from "./foreign.ts"
import type { Bench, Judging } from "./judge.ts"
import { judge, vectorsNamed } from "./judge.ts"
import type { Ledger } from "./ports.ts"
import type { TrustPorts, TrustTools } from "./trust-ports.ts"
import { createVerdictCache } from "./verdict-cache.ts"

export interface TrustState {
  readonly ports: TrustPorts
  readonly tools: TrustTools
  /** Feeds the next Ledger record; in order, each once (a record fed again is ignored). Re-reads `trust/` where it names a change. */
  follow(record: LedgerRecord): void
  /** Appends through `tools.append`. */
  append(draft: LedgerDraft): Promise<LedgerEntry>

  /** Computed afresh. `asOf` is a Ledger size: what was trusted then, under the root, policy and revocations of then. */
  verdict(mapping: Digest, options?: VerdictOptions): Verdict
  /** The hot path's answer: cached until anything it rests on changes or expires. */
  cachedVerdict(mapping: Digest): Verdict
  /** Calls after roots, policy, revocations or the Ledger's soundness may have changed; the answer ends it. */
  onChange(listener: () => void): () => void
  /** Drops every cached Verdict. */
  forgetVerdicts(): void

  /** Null where the store has no root that can be believed. */
  root(): RootChain | null
  /** Confirmed roots, own first. */
  roots(): readonly RootChain[]
  /** Why the own root is not believed, or the store is not this user's; null when all is well. */
  rootProblem(): string | null
  policy(): PolicyInForce
  revocations(): Revocations
  /** Why nothing the Ledger says is believed: a fork or a rollback; null when all is well. */
  ledgerProblem(): string | null
  /** What a Verdict is reached under now; for weighing Mappings that are not here yet. */
  bench(): Bench
  /** Throws `ledger-rolled-back` or `ledger-forked` where there is such a problem: what others may have seen must not be written over. */
  assertWritable(): void
  /** Re-reads `trust/`, after another process changed it. */
  refresh(): void

  /** Origin of the own Ledger; empty before `init`. */
  origin(): string
  /** Size and RFC 6962 root (hex) of the own Ledger as followed. */
  ledgerHead(): { readonly size: number; readonly root: string }
  /** Signs a checkpoint where 1,000 records passed since the newest (or `force`) and the ledger key is open; null where it is postponed. */
  checkpoint(force?: boolean): Promise<string | null>
  /** Whether a checkpoint is due and waits for the ledger key. */
  checkpointDue(): boolean
  /** The newest own checkpoint that the ledger's key signed; null while there is none. */
  newestCheckpoint(): { readonly note: string; readonly checkpoint: Checkpoint } | null

  /** The Claim of a Mapping as its `published` record states it; null where there is none. */
  claimOf(mapping: Digest): { readonly claim: Mapping; readonly sequence: number } | null
  /** Mappings of a Module, oldest first. */
  mappingsOf(module: Digest): readonly Digest[]
  /** All Mappings, oldest first. */
  mappings(): readonly Digest[]
  modules(): Iterable<Digest>
  /** Mappings that name this one in `supersedes`. */
  successorsOf(mapping: Digest): readonly Digest[]
  /** Positions of the `feedback` records in the Ledger, ascending. */
  feedbackSequences(): readonly number[]
  /** Mappings whose Claim imports this Module. */
  importersOf(module: Digest): readonly Digest[]
  attestationsOf(mapping: Digest): readonly HeldAttestation[]
  /** Digests of the vectors that counted embedding Attestations name for this Mapping and model: only these may be found by similarity. */
  vectorsOf(mapping: Digest, model: { readonly id: string; readonly digest: Digest }): readonly Digest[]

  /** The key that signs for a purpose. Throws `keys-missing`, `ambiguous-key` or `unknown-key`; signing itself throws `keys-locked`. */
  signer(purpose: KeyPurpose, chosen?: KeyId): Signer
  /** `signer("publisher", chosen).keyId`. */
  publisherKeyFor(chosen?: KeyId): KeyId
  /**
   * Records of documents found in force without theirs: a crash came between. Whoever opens the store for writing appends them.
   */
  missingRecords(): readonly LedgerDraft[]
  /** What a person should know at every start: unprotected keys, expiry near, checkpoint due, policy not believed. */
  warnings(): readonly string[]
}

export interface VerdictOptions {
  readonly asOf?: number
  /** As if this policy were in force. */
  readonly policy?: PolicyInForce
  /** As if this were the newest version of the own root, with these revocations in force where they are given. */
  readonly own?: { readonly newest: RootVersion; readonly revocations: Revocations | null }
}

/** Records between two checkpoints. */
export const checkpointEvery = 1_000
const rootWarningDays = 90

/** The documents of `trust/` read and believed, or not. */
interface Believed {
  readonly chain: RootChain | null
  readonly rootProblem: string | null
  readonly policy: PolicyInForce
  readonly revocations: Revocations
  readonly views: readonly RootView[]
  readonly ledgerKey: LedgerKey | null
  readonly ledgers: ReadonlyMap<string, ListedLedger>
  readonly kept: ReadonlyMap<string, Checkpoint>
  readonly accepted: ReadonlySet<string>
  readonly former: readonly FormerLedger[]
  /** Foreign roots found on disk that nobody vouches for. */
  readonly foreignProblems: readonly string[]
}

/** An origin this Ledger had before its key was replaced; records below `size` stand under it too. */
export interface FormerLedger {
  readonly key: LedgerKey
  readonly size: number
}

interface Documents {
  readonly roots: readonly Uint8Array[]
  readonly policy: Uint8Array | null
  readonly revocations: Uint8Array | null
  readonly foreign: ReturnType<TrustPorts["trust"]["foreignRoots"]>
}

/**
 * Trust over an open store. Reads `trust/` and follows the whole Ledger; never writes. A store without a root opens too: nothing
 * in it is trusted until `initStore`.
 */
export function openTrustState(ports: TrustPorts, tools: TrustTools): TrustState {
  const { ledger, trust, keyring, clock, crypto } = ports
  const evidence = ports.evidence ?? createEvidence(() => ledger)
  const cache = createVerdictCache()
  const vectorCache = new Map<string, readonly Digest[]>()
  const rebuilds = new Map<string, Digest | null>()
  const runtimes = new Map<Digest, Uint8Array>()
  const rootsAt = new Map<number, Uint8Array>()
  const judging: Judging = { ports, tools, evidence, rebuilds, runtimes }
  const listeners = new Set<() => void>()
  let believed: Believed
  let ledgerProblem: string | null = null
  let newest: { note: string; checkpoint: Checkpoint } | null = null
  /** Names root, policy, revocations and the Ledger's soundness: a change of any is another key of the Verdict cache. */
  let trustKey = ""

  function refresh(): void {
    trust.refresh()
    const documents = {
      roots: trust.ownRoots(),
      policy: trust.policy(),
      revocations: trust.revocations(),
      foreign: trust.foreignRoots()
    }
    believed = believe(documents, evidence.size)
    newest = null
    ledgerProblem = null
    if (believed.chain !== null && believed.ledgerKey !== null) checkCheckpoints(believed.ledgerKey, believed.former)
    const { chain, policy, revocations, rootProblem } = believed
    trustKey = [
      chain?.id,
      chain?.newest.document.version,
      policy.digest,
      policy.believed,
      revocations.version,
      rootProblem,
      ledgerProblem,
      ...believed.views.slice(1).flatMap(view => [view.chain.newest.fingerprint, view.revocations?.version, view.problem]),
      ...[...believed.kept.values()].map(checkpoint => `${checkpoint.origin} ${checkpoint.size}`)
    ].join(" ")
    forget()
    for (const listener of [...listeners]) listener()
  }

  function forget(): void {
    cache.clear()
    vectorCache.clear()
    runtimes.clear()
  }

  function believe(documents: Documents, asOf: number): Believed {
    const named = namedByLedger(ledger, evidence.trustSequences, asOf)
    const opened = documents.roots.length === 0 ? null : openRootChain(documents.roots, crypto.verify)
    const chain = opened?.kind === "chain" ? opened.chain : null
    const runtimes = tools.shippedRuntime === null ? [] : [tools.shippedRuntime]
    const policy = policyInForce(documents.policy, chain?.newest ?? null, named.policy, runtimes, crypto.verify)
    const read = readRevocations(documents.revocations, chain, named.revocations)
    const rootProblem =
      opened === null
        ? "the store has no root"
        : opened.kind === "broken"
          ? `version ${opened.version} of the root is not believed: ${opened.reason}`
          : null
    const rolledBack =
      chain !== null && chain.newest.document.version < named.root
        ? `the root is version ${chain.newest.document.version}, the ledger names ${named.root}`
        : null
    const ledgerKey = chain === null ? null : openLedgerKey(chain)
    const former = chain === null ? [] : formerLedgers(chain)
    const stranger = chain === null ? null : strangerProblem(chain, ledgerKey, former)
    const problem = rolledBack ?? stranger ?? read.problem
    const foreign =
      chain === null
        ? { views: [], problems: [] }
        : foreignViews({ foreignRoots: () => documents.foreign }, bytes => acceptanceIn(bytes, chain, read.document, named), crypto.verify)
    const views: RootView[] =
      chain === null ? [] : [{ chain, own: true, revocations: read.document, problem }, ...foreign.views.map(view => current(view, named))]
    const ledgers = ledgersOf(views)
    return {
      chain,
      rootProblem: rootProblem ?? problem,
      policy,
      revocations: read.document,
      views,
      ledgerKey,
      ledgers,
      // kept checkpoints carry no record of when they came: what is known of a ledger now holds for what it was then
      kept: keptCheckpoints(trust, ledgers, crypto.verify),
      accepted: new Set(trust.foreignRoots().flatMap(one => one.checkpoints.map(checkpointName))),
      former,
      foreignProblems: foreign.problems
    }
  }

  /** What the authority in force signed, or an earlier one while it was in force: the Ledger says when that was. */
  function acceptanceIn(bytes: Uint8Array, chain: RootChain, lines: Revocations, named: NamedByLedger): Acceptance | string {
    const logged = named.acceptances.get(digestOfHash(crypto.sha256(bytes)))
    const places = logged === undefined ? [] : ownPlacesAt(logged, chain)
    const opened = openAcceptance(bytes, chain, crypto.verify, keyId => strikesKey(lines, keyId, places) !== null)
    if (typeof opened === "string" || opened.by === chain.newest.document.version) return opened
    const ended = named.rootRecords.get(opened.by + 1) ?? 0
    return logged !== undefined && logged < ended
      ? opened
      : "an authority that is no longer in force accepted it: confirm it again (l4 root trust FILE --fingerprint HEX)"
  }

  /** A position under every origin this Ledger has or had. */
  function ownPlacesAt(index: number, chain: RootChain): { origin: string; index: number }[] {
    const key = openLedgerKey(chain)
    const former = formerLedgers(chain).filter(one => index < one.size)
    return [...(key === null ? [] : [key]), ...former.map(one => one.key)].map(({ name }) => ({ origin: name, index }))
  }

  /** A foreign root or its revocations older than the Ledger names them were put back. */
  function current(view: RootView, named: NamedByLedger): RootView {
    const last = named.foreign.get(view.chain.id)
    const { version } = view.chain.newest.document
    if (last === undefined || view.problem !== null) return view
    if (version < last.root) return { ...view, problem: `the foreign root is version ${version}, the ledger names ${last.root}` }
    const revoked = view.revocations?.version ?? 0
    return revoked < last.revocations
      ? { ...view, problem: `the foreign root's revocations are version ${revoked}, the ledger names ${last.revocations}` }
      : view
  }

  function readRevocations(
    bytes: Uint8Array | null,
    chain: RootChain | null,
    named: number
  ): { document: Revocations; problem: string | null } {
    const opened =
      bytes === null ? noRevocations : chain === null ? "there is no root" : openRevocations(bytes, chain.newest, crypto.verify)
    if (typeof opened === "string") return { document: noRevocations, problem: `the revocations are not believed: ${opened}` }
    if (opened.version < named)
      return { document: opened, problem: `the revocations are version ${opened.version}, the ledger names ${named}` }
    return { document: opened, problem: null }
  }

  /** A store whose own root this user never confirmed is somebody else's, and serves nothing. */
  function strangerProblem(chain: RootChain, ledgerKey: LedgerKey | null, former: readonly FormerLedger[]): string | null {
    if (ledgerKey === null) return "the root lists no open ledger"
    const seen = [ledgerKey, ...former.map(one => one.key)].map(key => tools.seen.get(key.name)).find(one => one !== null) ?? null
    if (seen === null)
      return "this user has not confirmed the store's own root: compare its fingerprint with its owner's, then l4 root trust --fingerprint HEX"
    return seen.fingerprint === chain.id ? null : "the store's own root is another than this user confirmed"
  }

  function checkCheckpoints(key: LedgerKey, former: readonly FormerLedger[]): void {
    const origins = [key.name, ...former.map(one => one.key.name)]
    const kept = [trust.checkpoint(), ...origins.map(origin => tools.seen.get(origin)?.checkpoint ?? null)].filter(note => note !== null)
    for (const note of new Set(kept)) {
      const closed = former.find(one => note.startsWith(`${one.key.name}\n`))
      const checkpoint = openCheckpoint(note, closed?.key ?? key, crypto.verify)
      if (typeof checkpoint === "string") {
        ledgerProblem ??= `a checkpoint kept of the ledger is not believed: ${checkpoint}`
        continue
      }
      if (closed === undefined && (newest === null || checkpoint.size > newest.checkpoint.size)) newest = { note, checkpoint }
      // what lay behind the closing was lost, and the root says so: the Ledger goes on under another origin because of it
      if (closed === undefined || checkpoint.size <= closed.size) ledgerProblem ??= checkpointFault(checkpoint)
    }
  }

  function checkpointFault(checkpoint: Checkpoint): string | null {
    const root = rootAt(checkpoint.size)
    if (root === null) return `the ledger was rolled back: it has ${ledger.size} records, a checkpoint seen before has ${checkpoint.size}`
    return equalBytes(root, checkpoint.root)
      ? null
      : `the ledger was rewritten below record ${checkpoint.size}: its root differs from a checkpoint seen before`
  }

  /** Head (32 bytes) of the Ledger at this size; null where it is shorter. What was appended never changes while it is open. */
  function rootAt(size: number): Uint8Array | null {
    if (size > ledger.size) return null
    const known = rootsAt.get(size)
    if (known !== undefined) return known
    const root = ledger.rootAt(size)
    rootsAt.set(size, root)
    return root
  }

  /** Origins under which this very Ledger went on before: the root closed them at a head that is ours. */
  function formerLedgers(chain: RootChain): FormerLedger[] {
    return chain.newest.document.ledgers.flatMap(({ vkey, closedAt }) => {
      const key = closedAt === undefined ? null : parseVkey(vkey)
      const root = closedAt === undefined ? null : rootAt(closedAt.size)
      return key !== null && closedAt !== undefined && root !== null && toBase64(root) === closedAt.root
        ? [{ key, size: closedAt.size }]
        : []
    })
  }

  function head(): { size: number; root: Uint8Array } {
    const { size } = ledger
    return { size, root: ledger.rootAt(size) }
  }

  function time() {
    return { nowMs: clock.nowMs(), highestMs: Math.max(trust.highestTimeMs(), evidence.highestMs) }
  }

  function bench(asOf: number = evidence.size, policy?: PolicyInForce): Bench {
    const origin = believed.ledgerKey?.name ?? ""
    const now = {
      ...believed,
      policy: policy ?? believed.policy,
      time: time(),
      ledger: { origin, problem: ledgerProblem, unproven: [] },
      asOf
    }
    if (asOf >= evidence.size) return { ...now, asOf: evidence.size }
    const then = believe(documentsAsOf(ledger, evidence.trustSequences, asOf), asOf)
    const last = asOf === 0 ? 0 : Date.parse(ledger.read(asOf - 1).entry.at)
    return { ...then, policy: policy ?? then.policy, time: { nowMs: last, highestMs: last }, ledger: now.ledger, asOf }
  }

  function asIf(own: VerdictOptions["own"], on: Bench): Bench {
    const [first, ...foreign] = on.views
    if (own === undefined || first === undefined) return on
    const { newest, revocations } = own
    const chain = { ...first.chain, versions: [...first.chain.versions, newest], newest }
    const views = [{ ...first, chain, revocations: revocations ?? first.revocations }, ...foreign]
    return { ...on, views, ledgers: ledgersOf(views) }
  }

  /** A key of this store's root; its half of the role is in the root, its secret half in the keyring. */
  function signer(purpose: KeyPurpose, chosen?: KeyId): Signer {
    if (believed.chain === null)
      throw new EngineFailure("trust-damaged", `nothing can be signed here: ${believed.rootProblem ?? "the store has no root"}`)
    const here = keyring.list().filter(key => key.purpose === purpose && !key.retired)
    const fitting = here.filter(key => fits(purpose, key.id))
    if (chosen !== undefined && !fitting.some(key => key.id === chosen)) {
      const what = here.some(key => key.id === chosen)
        ? `key ${chosen} is no ${purpose} of this store's root`
        : `no ${purpose} key ${chosen} is here`
      throw new EngineFailure("unknown-key", what)
    }
    const candidates = fitting.filter(key => chosen === undefined || key.id === chosen)
    if (candidates.length > 1)
      throw new EngineFailure(
        "ambiguous-key",
        `${candidates.length} keys fit the role ${purpose}: choose one of ${candidates.map(key => key.id).join(", ")}`,
        { keys: candidates.map(key => key.id) }
      )
    const [key] = candidates
    if (!key) throw new EngineFailure("keys-missing", `no ${purpose} key of this store's root is on this machine${refusedKeys(keyring)}`)
    return { keyId: key.id, sign: message => keyring.sign(key.id, message) }
  }

  function fits(purpose: KeyPurpose, id: KeyId): boolean {
    if (believed.chain === null) return false
    if (purpose !== "ledger") return holdsRole(believed.chain.newest, purpose satisfies Role, id)
    const publicKey = keyring.publicKey(id)
    return publicKey !== null && believed.ledgerKey !== null && equalBytes(publicKey, believed.ledgerKey.publicKey)
  }

  async function append(draft: LedgerDraft): Promise<LedgerEntry> {
    state.assertWritable()
    if (tools.append) return tools.append(draft)
    const entry = await ledger.append(draft)
    state.follow(ledger.read(entry.sequence))
    return entry
  }

  function due(): boolean {
    return believed.ledgerKey !== null && ledger.size - (newest?.checkpoint.size ?? 0) >= checkpointEvery
  }

  async function checkpoint(force = false): Promise<string | null> {
    const key = believed.ledgerKey
    if (key === null || believed.chain === null || ledgerProblem !== null || (!force && !due())) return null
    const summary = keyring.list().find(one => one.purpose === "ledger" && fits("ledger", one.id))
    if (!summary?.unlocked) return null
    const { size, root } = head()
    if (newest !== null && newest.checkpoint.size === size) return newest.note
    const signed = { origin: key.name, size, root }
    const note = signCheckpoint(signed, key, message => keyring.sign(summary.id, message))
    await trust.putCheckpoint(note)
    await trust.raiseHighestTime(evidence.highestMs)
    await tools.seen.put(key.name, { fingerprint: believed.chain.id, checkpoint: note })
    newest = { note, checkpoint: signed }
    await append({ kind: "checkpoint", body: { ...checkpointRef(signed), note }, parts: [] })
    return note
  }

  function missingRecords(): LedgerDraft[] {
    const { chain, policy, revocations } = believed
    if (chain === null || ledgerProblem !== null) return []
    const named = namedByLedger(ledger, evidence.trustSequences, evidence.size)
    const drafts: LedgerDraft[] = chain.versions
      .filter(version => version.document.version > named.root)
      .map(({ document, fingerprint, envelope }) => ({
        kind: "trusted",
        body: { root: chain.id, own: true, version: document.version, fingerprint },
        parts: [{ kind: "root", bytes: envelope }]
      }))
    const policyBytes = trust.policy()
    if (policy.believed && policyBytes !== null && policy.version > (named.policy?.version ?? 0))
      drafts.push({
        kind: "policy-changed",
        body: { before: named.policy?.digest ?? null, after: policy.digest, version: policy.version },
        parts: [{ kind: "policy", bytes: policyBytes }]
      })
    const revocationBytes = trust.revocations()
    if (revocationBytes !== null && revocations.version > named.revocations)
      drafts.push({
        kind: "revoked",
        body: { root: chain.id, own: true, version: revocations.version, what: "found in force without its record", reason: "repaired" },
        parts: [{ kind: "revocations", bytes: revocationBytes }]
      })
    return [...drafts, ...missingForeignRecords(named)]
  }

  function missingForeignRecords(named: NamedByLedger): LedgerDraft[] {
    return trust.foreignRoots().flatMap(({ id, acceptance, versions, revocations }): LedgerDraft[] => {
      const view = believed.views.find(one => !one.own && one.chain.id === id)
      if (view === undefined || acceptance === null) return []
      const last = named.foreign.get(id) ?? { root: 0, revocations: 0 }
      const { document, fingerprint } = view.chain.newest
      const drafts: LedgerDraft[] = []
      if (document.version > last.root)
        drafts.push({
          kind: "trusted",
          body: { root: id, own: false, version: document.version, fingerprint },
          parts: [...(last.root === 0 ? [acceptance] : []), ...versions.slice(last.root)].map(bytes => ({ kind: "root", bytes }))
        })
      if (revocations !== null && (view.revocations?.version ?? 0) > last.revocations)
        drafts.push({
          kind: "revoked",
          body: { root: id, own: false, version: view.revocations?.version, what: "found in force without its record", reason: "repaired" },
          parts: [{ kind: "revocations", bytes: revocations }]
        })
      return drafts
    })
  }

  function warnings(): string[] {
    const { chain, policy, rootProblem } = believed
    const said: string[] = []
    const open = keyring.list().filter(key => !key.retired && key.slots.includes("none"))
    if (open.length > 0)
      said.push(`${open.length} keys are unprotected: set a passphrase, then rotate them, for copies made before keep the key in clear`)
    for (const { file, reason } of keyring.refused ?? []) said.push(`the key file ${file} is refused: ${reason}`)
    if (rootProblem !== null) said.push(rootProblem)
    if (!policy.believed && chain !== null) said.push(policy.why)
    if (ledgerProblem !== null) said.push(ledgerProblem)
    said.push(...believed.foreignProblems)
    for (const origin of new Set(trust.forks().map(one => one.origin)))
      said.push(`two histories of the ledger ${origin} were seen: both signed notes are kept (l4 ledger)`)
    const left = chain === null ? Number.POSITIVE_INFINITY : (timeOf(chain.newest.document.expires) ?? 0) - clock.nowMs()
    if (left < rootWarningDays * dayMs)
      said.push(
        left < 0 ? "the root has expired: make a new version" : `the root expires in ${Math.ceil(left / dayMs)} days: make a new version`
      )
    if (due()) said.push("a checkpoint is due and waits for the ledger key")
    return said
  }

  const state: TrustState = {
    ports,
    tools,
    follow(record) {
      if (record.entry.sequence < evidence.size) return
      evidence.follow(record)
      const { kind } = record.entry
      if (kind === "trusted" || kind === "revoked" || kind === "policy-changed" || (kind === "imported" && evidence.size > 0)) refresh()
    },
    append,
    verdict(mapping, options = {}) {
      const { asOf, policy, own } = options
      const tried = policy !== undefined || own !== undefined
      return judge(mapping, tried ? judging : { ...judging, rebuilds: null, runtimes: null }, asIf(own, bench(asOf, policy))).verdict
    },
    cachedVerdict(mapping) {
      const now = time()
      const trust = isClockBehind(now) ? `${trustKey} behind` : trustKey
      const key = { trust, revision: evidence.revision(mapping), timeMs: timeOfReckoning(now) }
      const kept = cache.get(mapping, key)
      if (kept !== null) return kept
      const { verdict, horizonMs } = judge(mapping, judging, bench())
      cache.put(mapping, key, verdict, horizonMs)
      return verdict
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    forgetVerdicts: forget,
    root: () => believed.chain,
    roots: () => believed.views.map(view => view.chain),
    rootProblem: () => believed.rootProblem,
    ledgerProblem: () => ledgerProblem,
    assertWritable() {
      if (ledgerProblem === null) return
      const code = ledgerProblem.includes("rolled back") ? "ledger-rolled-back" : "ledger-forked"
      throw new EngineFailure(
        code,
        `${ledgerProblem}; the store is open for reading only. A restored backup goes on under a new ledger key and origin`
      )
    },
    bench: () => bench(),
    policy: () => believed.policy,
    revocations: () => believed.revocations,
    refresh,
    origin: () => believed.ledgerKey?.name ?? "",
    ledgerHead() {
      const { size, root } = head()
      return { size, root: toHex(root) }
    },
    checkpoint,
    checkpointDue: due,
    newestCheckpoint: () => newest,
    claimOf: evidence.claimOf,
    mappingsOf: evidence.mappingsOf,
    mappings: evidence.mappings,
    modules: evidence.modules,
    successorsOf: evidence.successorsOf,
    feedbackSequences: evidence.feedbackSequences,
    importersOf: evidence.importersOf,
    attestationsOf: mapping => [...evidence.attestationsOf(mapping), ...evidence.embeddedOf(mapping)],
    vectorsOf(mapping, model) {
      const key = `${mapping} ${model.id} ${model.digest} ${evidence.revision(mapping)} ${evidence.embeddedCount(mapping)}`
      const kept = vectorCache.get(key)
      if (kept !== undefined) return kept
      const named = vectorsNamed(mapping, model, judging, bench())
      if (vectorCache.size >= vectorsMax) vectorCache.clear()
      vectorCache.set(key, named)
      return named
    },
    signer,
    publisherKeyFor: chosen => signer("publisher", chosen).keyId,
    missingRecords,
    warnings
  }

  for (const record of ledger.stream(evidence.size)) evidence.follow(record)
  refresh()
  return state
}

/** A key that is missing may be one whose file cannot be read. */
export function refusedKeys({ refused = [] }: Pick<TrustPorts["keyring"], "refused">): string {
  return refused.length === 0 ? "" : `; ${refused.length} key files cannot be read, and l4 keys says why`
}

const vectorsMax = 100_000

/** The one ledger of a root that is not closed and is its own: ours lists itself first. */
function openLedgerKey(chain: RootChain): LedgerKey | null {
  const open = chain.newest.document.ledgers.find(one => one.closedAt === undefined)
  return open === undefined ? null : parseVkey(open.vkey)
}

interface NamedByLedger {
  readonly root: number
  readonly revocations: number
  readonly policy: { readonly version: number; readonly digest: Digest } | null
  readonly foreign: ReadonlyMap<string, { readonly root: number; readonly revocations: number }>
  /** Position of the record that carries a document which accepts a foreign root. */
  readonly acceptances: ReadonlyMap<Digest, number>
  /** Position of the record of each version of the own root. */
  readonly rootRecords: ReadonlyMap<number, number>
}

/** What the newest records below `asOf` name: no older document is believed. */
function namedByLedger(ledger: Ledger, sequences: readonly number[], asOf: number): NamedByLedger {
  const named = {
    root: 0,
    revocations: 0,
    policy: null as { version: number; digest: Digest } | null,
    foreign: new Map<string, { root: number; revocations: number }>(),
    acceptances: new Map<Digest, number>(),
    rootRecords: new Map<number, number>()
  }
  for (const sequence of sequences) {
    if (sequence >= asOf) break
    const { kind, body, parts } = ledger.read(sequence).entry
    const version = typeof body.version === "number" ? body.version : 0
    if (kind === "trusted" && body.own === true) {
      named.root = Math.max(named.root, version)
      if (!named.rootRecords.has(version)) named.rootRecords.set(version, sequence)
    }
    if (kind === "trusted" && body.own === false)
      for (const { digest } of parts) if (!named.acceptances.has(digest)) named.acceptances.set(digest, sequence)
    if (kind === "revoked" && body.own === true) named.revocations = Math.max(named.revocations, version)
    if ((kind === "trusted" || kind === "revoked") && body.own === false && typeof body.root === "string") {
      const last = named.foreign.get(body.root) ?? { root: 0, revocations: 0 }
      named.foreign.set(
        body.root,
        kind === "trusted" ? { ...last, root: Math.max(last.root, version) } : { ...last, revocations: Math.max(last.revocations, version) }
      )
    }
    if (kind === "policy-changed" && isDigest(body.after)) named.policy = { version, digest: body.after }
  }
  return named
}

/** The documents that stood in `trust/` at a Ledger size, from the records that carry them. */
function documentsAsOf(ledger: Ledger, sequences: readonly number[], asOf: number): Documents {
  const roots: Uint8Array[] = []
  let policy: Uint8Array | null = null
  let revocations: Uint8Array | null = null
  const foreign = new Map<string, ForeignThen>()
  for (const sequence of sequences) {
    if (sequence >= asOf) break
    const record = ledger.read(sequence)
    const { entry, parts } = record
    const [document] = parts
    if (document === undefined) continue
    if (entry.kind === "policy-changed") policy = document
    else if (entry.body.own !== true) followForeign(foreign, record)
    else if (entry.kind === "trusted") roots.push(document)
    else revocations = document
  }
  return { roots, policy, revocations, foreign: [...foreign.values()] }
}

interface ForeignThen {
  readonly id: string
  readonly versions: Uint8Array[]
  revocations: Uint8Array | null
  acceptance: Uint8Array | null
  readonly checkpoints: string[]
}

/** What a record of an import says of a foreign root: our acceptance of it, versions in order, or its revocations. */
function followForeign(foreign: Map<string, ForeignThen>, { entry, parts }: LedgerRecord): void {
  const id = entry.body.root
  if (typeof id !== "string") return
  const root = foreign.get(id) ?? { id, versions: [], revocations: null, acceptance: null, checkpoints: [] }
  foreign.set(id, root)
  for (const bytes of parts) {
    if (entry.kind === "revoked") root.revocations = bytes
    else if (typeof openEnvelopeBytes(bytes, payloadTypes.acceptance) === "string") root.versions.push(bytes)
    else root.acceptance = bytes
  }
}

/** Origin, size and root of a note, one beside the other: what names a checkpoint. */
function checkpointName(note: string): string {
  return note.split("\n", 3).join(" ")
}
