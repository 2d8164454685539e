/** Reads the calibration that ships for a model: `library/calibration/<model>.json`. */
import fs from "node:fs"
import path from "node:path"
import { z } from "zod"
import { EngineFailure } from "../../../shared/failure.ts"
import { digestSchema, type EmbeddingModel } from "../../../shared/module.ts"
import type { ShippedCalibration } from "../core/calibration.ts"
import { shippedFolder } from "./library-folder.ts"

const binSchema = z.object({
  from: z.number(),
  passed: z.number().int().min(0),
  n: z.number().int().min(1),
  wrong: z.number().int().min(0)
})

const recordSchema = z.object({
  model: z.object({ id: z.string(), digest: digestSchema }),
  made: z.string(),
  weights: z.object({ texts: z.number().int().min(0), found: z.record(z.string(), z.number().int().min(1)) }),
  bins: z.array(binSchema.refine(({ n, wrong }) => wrong <= n, "expected no more wrong outcomes than outcomes"))
})

/** Null where none ships for exactly this model: similarities of another say nothing here. Throws `store-unreadable` where one is malformed. */
export function readCalibration(model: EmbeddingModel, folder = path.join(shippedFolder(), "calibration")): ShippedCalibration | null {
  const file = path.join(folder, `${path.basename(model.id)}.json`)
  if (!fs.existsSync(file)) return null
  try {
    const record = recordSchema.parse(JSON.parse(fs.readFileSync(file, "utf8")))
    return record.model.digest === model.digest ? record : null
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : String(error)
    throw new EngineFailure("store-unreadable", `the calibration ${path.basename(file)} is malformed: ${why}`, {}, { cause: error })
  }
}
