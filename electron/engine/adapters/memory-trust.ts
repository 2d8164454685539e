/** TrustStore and Keyring held in memory: for looking into a Bundle, for tests, and as the plain answer the contract suites compare with. */
import { randomBytes } from "node:crypto"
import type { KeyId } from "../../../shared/digest.ts"
import { EngineFailure } from "../../../shared/failure.ts"
import type { KeySummary } from "../../../shared/trust.ts"
import { keyIdOf, publicKeyOf, signWithSeed } from "../core/crypto.ts"
import type { ForkEvidence, Keyring, SeenStores, TrustStore } from "../ports.ts"

export function createMemoryTrustStore(): TrustStore {
  const own: Uint8Array[] = []
  const foreign = new Map<
    string,
    { versions: Uint8Array[]; revocations: Uint8Array | null; checkpoints: string[]; acceptance: Uint8Array | null }
  >()
  let policy: Uint8Array | null = null
  let revocations: Uint8Array | null = null
  let checkpoint: string | null = null
  let highestMs = 0
  const forks: ForkEvidence[] = []
  const foreignOf = (id: string) => {
    const known = foreign.get(id) ?? { versions: [], revocations: null, checkpoints: [], acceptance: null }
    foreign.set(id, known)
    return known
  }
  return {
    ownRoots: () => own,
    foreignRoots: () => [...foreign].map(([id, one]) => ({ id, ...one })),
    policy: () => policy,
    revocations: () => revocations,
    checkpoint: () => checkpoint,
    highestTimeMs: () => highestMs,
    async putOwnRoot(version, envelope) {
      own[version - 1] = envelope
    },
    async putForeignRoot(id, version, envelope) {
      foreignOf(id).versions[version - 1] = envelope
    },
    async putForeignAcceptance(id, envelope) {
      foreignOf(id).acceptance = envelope
    },
    async putForeignRevocations(id, envelope) {
      foreignOf(id).revocations = envelope
    },
    async putForeignCheckpoint(id, note) {
      foreignOf(id).checkpoints.push(note)
    },
    async putPolicy(envelope) {
      policy = envelope
    },
    async putRevocations(envelope) {
      revocations = envelope
    },
    async putTogether(documents) {
      if (documents.root !== undefined) own[documents.root.version - 1] = documents.root.envelope
      policy = documents.policy ?? policy
      revocations = documents.revocations ?? revocations
    },
    async putCheckpoint(note) {
      checkpoint = note
    },
    forks: () => forks,
    async putFork(evidence) {
      if (!forks.some(one => one.kept === evidence.kept && one.found === evidence.found)) forks.push(evidence)
    },
    async raiseHighestTime(ms) {
      highestMs = Math.max(highestMs, ms)
    },
    refresh() {}
  }
}

/** Keys that are gone with the process. `seeds` makes them predictable for tests: the next key takes the next seed. */
export function createMemoryKeyring(seeds: Iterator<Uint8Array> = randomSeeds()): Keyring {
  const keys = new Map<KeyId, { summary: KeySummary; publicKey: Uint8Array; seed: Uint8Array; passphrase: string | null }>()
  const keyOf = (id: KeyId) => {
    const key = keys.get(id)
    if (!key) throw new EngineFailure("unknown-key", `no key ${id} is here`)
    return key
  }
  return {
    list: () => [...keys.values()].map(key => key.summary),
    publicKey: id => keys.get(id)?.publicKey ?? null,
    async create({ purpose, name, owner, passphrase }) {
      const seed = seeds.next().value as Uint8Array
      const publicKey = publicKeyOf(seed)
      const id = keyIdOf(publicKey)
      const slots: KeySummary["slots"] = passphrase === undefined ? ["none"] : ["passphrase"]
      const summary: KeySummary = { id, purpose, name, owner, slots, unlocked: true, retired: false }
      keys.set(id, { summary, publicKey, seed, passphrase: passphrase ?? null })
      return summary
    },
    async unlock(passphrase, id) {
      const fitting = [...keys.values()].filter(key => key.passphrase === passphrase && (id === undefined || key.summary.id === id))
      if (id !== undefined) keyOf(id)
      if (fitting.length === 0) throw new EngineFailure("wrong-passphrase", "the passphrase opens no key here")
      for (const key of fitting) key.summary = { ...key.summary, unlocked: true }
      return fitting.map(key => key.summary.id)
    },
    lock() {
      const locked = [...keys.values()].filter(key => key.passphrase !== null && key.summary.unlocked)
      for (const key of locked) key.summary = { ...key.summary, unlocked: false }
      return locked.map(key => key.summary.id)
    },
    sign(id, message) {
      const key = keyOf(id)
      if (!key.summary.unlocked) throw new EngineFailure("keys-locked", `key ${id.slice(0, 16)} is locked: unlock it with its passphrase`)
      return signWithSeed(key.seed, message)
    },
    async retire(id) {
      const key = keyOf(id)
      key.summary = { ...key.summary, retired: true }
    },
    async protect(passphrase) {
      const open = [...keys.values()].filter(key => key.passphrase === null)
      for (const key of open) {
        key.passphrase = passphrase
        key.summary = { ...key.summary, slots: ["passphrase"] }
      }
      return open.map(key => key.summary.id)
    },
    vaultProblem: async () => "keys held in memory are kept nowhere",
    async keep() {
      throw new EngineFailure("not-permitted", "keys held in memory are kept nowhere")
    },
    forget: async () => [],
    async unlockKept() {
      throw new EngineFailure("not-permitted", "keys held in memory are kept nowhere")
    },
    async import() {
      throw new EngineFailure("not-permitted", "keys held in memory are made, not read from files")
    }
  }
}

function* randomSeeds(): Generator<Uint8Array> {
  for (;;) yield new Uint8Array(randomBytes(32))
}

export function createMemorySeen(): SeenStores {
  const seen = new Map<string, { readonly fingerprint: string; readonly checkpoint: string | null }>()
  return {
    get: origin => seen.get(origin) ?? null,
    async put(origin, what) {
      seen.set(origin, what)
    }
  }
}
