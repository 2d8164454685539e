/** Opens a store; where there is none yet, makes one with the sample library, so that a first start has something to show. */
import type { CallContext } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { Engine } from "./engine.ts"
import { initStore, openEngine } from "./open.ts"
import type { Launch, Vault } from "./ports.ts"

interface BeginOptions {
  readonly store: string
  readonly home: string
  readonly launch: Launch
  /** Protects new keys, or unlocks the ones that are there. Without one, new keys are unprotected and every listing says so. */
  readonly passphrase?: string
  /** The operating system's own store of secrets: opens the keys it keeps where no passphrase is given. */
  readonly vault?: Vault
  /** Named in the lock, for whoever finds it taken. */
  readonly program?: string
  /** Opens a store that is there for reading, beside its writer. A missing store stays missing. */
  readonly readOnly?: boolean
}

/** Throws EngineFailure: `store-locked`, `wrong-passphrase` and whatever opening can answer; `store-missing` only for a reader. */
export async function beginOrOpen({ passphrase, ...opening }: BeginOptions, onProgress?: CallContext["onProgress"]): Promise<Engine> {
  const existing = await openExisting(opening)
  const protection = passphrase === undefined ? {} : { passphrase }
  if (existing === null) await initStore({ store: opening.store, home: opening.home, ...protection })
  const engine = existing ?? (await openEngine(opening))
  try {
    if (passphrase !== undefined) await engine.unlock({ passphrase })
    else if (opening.vault !== undefined) await openKept(engine)
    if (existing === null) await fill(engine, onProgress)
    return engine
  } catch (error) {
    await engine.close()
    throw error
  }
}

/** What the operating system cannot open now waits for its passphrase, as it would without it. */
async function openKept(engine: Engine): Promise<void> {
  const { keys, vault } = await engine.keys({})
  if (vault === null && keys.some(key => key.slots.includes("os") && !key.unlocked)) await engine.unlock({}).catch(() => undefined)
}

async function openExisting(opening: Omit<BeginOptions, "passphrase">): Promise<Engine | null> {
  try {
    return await openEngine(opening)
  } catch (error) {
    if (opening.readOnly !== true && error instanceof EngineFailure && error.code === "store-missing") return null
    throw error
  }
}

async function fill(engine: Engine, onProgress: CallContext["onProgress"]): Promise<void> {
  const { failed } = await engine.publishLibrary(onProgress)
  if (failed.length === 0) return
  const names = failed.map(({ name, why }) => `${name} (${why})`).join(", ")
  throw new EngineFailure("internal", `Modules of the sample library could not be published: ${names}`)
}
