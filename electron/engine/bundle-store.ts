/** A store made of one Bundle alone: verified and taken in at each start, then opened for reading, so that a server needs nothing but the Bundle. */
import fs from "node:fs"
import path from "node:path"
import { hexOf } from "../../shared/digest.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { Engine } from "./engine.ts"
import { initStore, openEngine } from "./open.ts"
import type { Launch } from "./ports.ts"

export interface BundleStoreOptions {
  readonly bundle: string
  /** Fingerprint of a version of the Bundle's root, compared by other means: 64 hex digits. */
  readonly trustRoot: string
  /** The user's data folder: what was taken in lies there in `served/`, by the Bundle's Digest. */
  readonly home: string
  readonly launch: Launch
  readonly program?: string
}

/**
 * The policy is *solo*: what the Bundle's own root and reviewers accept is trusted. Keys made on the way are removed again: nothing can
 * be signed here. Throws `bundle-refused`, and `not-permitted` where nothing in it is trusted.
 */
export async function openBundleStore(options: BundleStoreOptions): Promise<Engine> {
  const place = path.join(options.home, "served")
  const staging = path.join(place, `.${process.pid}.partial`)
  fs.rmSync(staging, { recursive: true, force: true })
  try {
    const taken = await takeIn(options, staging)
    const standing = path.join(place, `${hexOf(taken.bundle)}-${options.trustRoot.slice(0, 16)}`)
    fs.rmSync(standing, { recursive: true, force: true })
    fs.renameSync(staging, standing)
    return await openEngine({ ...placesIn(standing), launch: options.launch, readOnly: true, program: options.program ?? "l4" })
  } finally {
    fs.rmSync(staging, { recursive: true, force: true })
  }
}

async function takeIn({ bundle, trustRoot, launch, program }: BundleStoreOptions, staging: string) {
  const places = placesIn(staging)
  await initStore(places)
  const engine = await openEngine({ ...places, launch, program: program ?? "l4" })
  try {
    const report = await engine.importBundle({ path: bundle, trustRoot })
    if (report.counts.trusted === 0)
      throw new EngineFailure("not-permitted", "nothing in this Bundle is trusted under the root of that fingerprint", {
        pending: report.counts.pending,
        untrusted: report.counts.untrusted
      })
    return report
  } finally {
    await engine.close()
    fs.rmSync(path.join(places.home, "keys"), { recursive: true, force: true })
  }
}

function placesIn(folder: string) {
  return { store: path.join(folder, "store"), home: path.join(folder, "home") }
}
