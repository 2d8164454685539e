/** What is known of how often the verified tier is wrong: what ships for the model, and what this store's own use has judged since. */
import type { Digest, InterfaceHash } from "../../shared/digest.ts"
import type { EmbeddingModel } from "../../shared/module.ts"
import type { Allowance, Bin, Judged, ShippedCalibration } from "./core/calibration.ts"
import { allowanceOf, binsOf } from "./core/calibration.ts"
import type { WordWeights } from "./core/words.ts"
import { weightsOf } from "./core/words.ts"
import type { HitLogEntry, LogFile, NumberedEntry, Ports } from "./ports.ts"
import type { TrustState } from "./trust-state.ts"

export interface Calibration {
  readonly weights: WordWeights
  /** From where on the verified tier may serve a request with so many Examples. */
  allowance(passed: number, falseHitMax: number): Promise<Allowance>
  /** Outcomes judged here, beside those that ship. */
  own(): Promise<readonly Judged[]>
  /** Called with every entry that was logged here. */
  note(entry: HitLogEntry, number: number): void
}

export type { ShippedCalibration } from "./core/calibration.ts"

/** Judgements of this store that count: the newest ones. */
const feedbackMax = 10_000
const shadowsMax = 10_000

/** What a `feedback` record says. */
export interface FeedbackBody {
  readonly hit: { readonly log: string; readonly number: number }
  readonly mapping: Digest
  readonly right: boolean
  readonly note?: string
  /** Null of what was no Hit but a shadow answer. */
  readonly tier: string | null
  readonly similarity: number
  /** Absent where the verified tier did not weigh it: it then calibrates nothing. */
  readonly support?: number
  readonly examples: number
  readonly model: { readonly id: string; readonly digest: Digest }
}

interface Shadow {
  readonly name: string
  readonly interfaceHash: InterfaceHash
  readonly text: string
  readonly module: Digest
  readonly support: number
  readonly passed: number
}

type CalibrationPorts = Pick<Ports, "hitLog" | "index" | "ledger">

/**
 * `shipped` is null where nothing ships for this model: the tier then opens on the store's own evidence alone. Nothing is read before it
 * is first asked. A shadow answer is judged by what its words are answered with now: right if that is the same Module.
 */
export function createCalibration(
  shipped: ShippedCalibration | null,
  model: EmbeddingModel,
  ports: CalibrationPorts,
  trust: () => TrustState
): Calibration {
  const weights = shipped?.weights ?? weightsOf([])
  let shadows: Map<string, Shadow> | null = null
  let cached: { readonly at: string; readonly own: readonly Judged[]; readonly bins: readonly Bin[] } | null = null

  async function current() {
    const held = (shadows ??= readShadows(ports.hitLog))
    const at = `${ports.ledger.size} ${held.size}`
    if (cached?.at === at) return cached
    const feedback = feedbackIn(ports.ledger, trust().feedbackSequences(), model)
    const own = [...feedback.values()].flatMap(({ judged }) => judged ?? [])
    for (const shadow of held.values()) {
      if (feedback.has(shadow.name)) continue
      const right = await isRight(shadow)
      if (right !== null) own.push({ support: shadow.support, passed: shadow.passed, right })
    }
    cached = { at, own, bins: [...(shipped?.bins ?? []), ...binsOf(own)] }
    return cached
  }

  /** Null while its words are answered by nothing that is trusted. */
  async function isRight({ interfaceHash, text, module }: Shadow): Promise<boolean | null> {
    const answering = (await ports.index.byText(interfaceHash, text)).filter(({ mapping }) => {
      const held = trust().claimOf(mapping)
      return (
        held?.claim.task.text === text && held.claim.interface.hash === interfaceHash && trust().cachedVerdict(mapping).state === "trusted"
      )
    })
    return answering.length === 0 ? null : answering.some(record => record.module === module)
  }

  return {
    weights,
    allowance: async (passed, falseHitMax) => allowanceOf((await current()).bins, passed, falseHitMax),
    own: async () => (await current()).own,
    note(entry, number) {
      if (entry.kind !== "shadow" || shadows === null || ports.hitLog.id === null) return
      keep(shadows, ports.hitLog.id, { ...entry, number })
    }
  }
}

function readShadows(hitLog: Ports["hitLog"]): Map<string, Shadow> {
  const shadows = new Map<string, Shadow>()
  for (const file of hitLog.files()) for (const entry of hitLog.entriesOf(file)) keep(shadows, file.id, entry)
  return shadows
}

/** One a request and Module: asking again is no new evidence. */
function keep(shadows: Map<string, Shadow>, log: LogFile["id"], entry: NumberedEntry): void {
  const { interfaceHash, text } = entry.request
  if (entry.kind !== "shadow" || interfaceHash === null || text === null || entry.module === null || entry.support === undefined) return
  const key = `${interfaceHash} ${entry.module} ${text}`
  shadows.delete(key)
  shadows.set(key, {
    name: hitName(log, entry.number),
    interfaceHash,
    text,
    module: entry.module,
    support: entry.support,
    passed: entry.examplesPassed ?? 0
  })
  if (shadows.size > shadowsMax) for (const oldest of shadows.keys()) return void shadows.delete(oldest)
}

export function hitName(log: string, number: number): string {
  return `${log}:${number}`
}

/** By Hit: who judges again corrects. Those of another model judged other similarities; they are known, and calibrate nothing. */
function feedbackIn(
  ledger: Ports["ledger"],
  sequences: readonly number[],
  model: EmbeddingModel
): ReadonlyMap<string, { readonly judged: Judged | null }> {
  const found = new Map<string, { readonly judged: Judged | null }>()
  for (const sequence of sequences.slice(-feedbackMax)) {
    const body = ledger.read(sequence).entry.body as unknown as FeedbackBody
    if (typeof body.hit !== "object" || typeof body.right !== "boolean") continue
    const counts = body.support !== undefined && body.model?.digest === model.digest
    found.set(hitName(body.hit.log, body.hit.number), {
      judged: counts ? { support: body.support as number, passed: body.examples, right: body.right } : null
    })
  }
  return found
}
