/** `ledger.snap` and `ledger.places`: what an earlier process read of the Ledger and found sound, so that opening reads only what came after. */
import fs from "node:fs"
import path from "node:path"
import { z } from "zod"
import { diskFailure } from "./disk.ts"
import type { LedgerPlaces, PlacesSummary } from "./ledger-places.ts"
import type { Seal } from "./seal.ts"
import { readSealed, writeSealed } from "./seal.ts"

/** What is remembered of the Ledger beside the places of its records. */
export interface LedgerPoint {
  readonly count: number
  /** Leaf hash (hex) of the newest entry. */
  readonly head: string
  /** Time of the newest entry whose clock had not jumped. */
  readonly lastMs: number | null
  /** Bytes of each segment. */
  readonly segments: readonly number[]
}

export interface LedgerSnapshot extends LedgerPoint, PlacesSummary {
  /** Where the places lie. */
  readonly file: string
}

interface Whereabouts {
  readonly directory: string
  readonly seal: Seal
}

const layout = 1
const purpose = "ledger"

const headerSchema = z.object({
  layout: z.literal(layout),
  count: z.number().int().min(1),
  head: z.string().regex(/^[0-9a-f]{64}$/),
  lastMs: z.number().nullable(),
  segments: z.array(z.number().int().min(0)).min(1),
  chunks: z.number().int().min(0)
})

const filesOf = (directory: string) => ({ snapshot: path.join(directory, "ledger.snap"), places: path.join(directory, "ledger.places") })

/** Null where there is none that can be believed. */
export function readLedgerSnapshot({ directory, seal }: Whereabouts): LedgerSnapshot | null {
  const files = filesOf(directory)
  const sealed = readSealed(files.snapshot, seal, purpose)
  const header = headerSchema.safeParse(sealed?.header)
  if (sealed === null || !header.success) return null
  const { layout: _, chunks, ...point } = header.data
  return { ...point, chunks: sealed.columns.subarray(0, 32 * chunks), heads: sealed.columns.subarray(32 * chunks), file: files.places }
}

/** The places first, then the seal over them. `point` is of the moment of the call. */
export async function writeLedgerSnapshot({ directory, seal }: Whereabouts, places: LedgerPlaces, point: LedgerPoint): Promise<void> {
  const files = filesOf(directory)
  try {
    fs.mkdirSync(directory, { recursive: true })
    const { count, chunks, heads } = await places.save(files.places)
    if (count !== point.count) throw new Error(`expected ${point.count} places, found ${count}`)
    writeSealed(files.snapshot, seal, purpose, { layout, ...point, chunks: chunks.length / 32 }, [chunks, heads])
  } catch (error) {
    throw diskFailure(error, `keep a snapshot of the ledger in ${directory}`)
  }
}
