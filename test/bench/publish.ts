/** Publishing, single and many at once, with the parts an acknowledgement is made of. `--modules N` (default 300): publishes of each kind. */
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { createBlobLayout, openFileBlobStore } from "../../electron/engine/adapters/file-blob-store.ts"
import { openFileKeyring } from "../../electron/engine/adapters/file-keyring.ts"
import { openFileLedger } from "../../electron/engine/adapters/file-ledger.ts"
import { sealAttestation } from "../../electron/engine/core/attestation.ts"
import { forkLaunch, initStore, openEngine } from "../../electron/engine/index.ts"
import type { LedgerDraft } from "../../shared/ledger.ts"
import { predicateTypes } from "../../shared/trust.ts"
import type { BenchRow } from "./bench.ts"

const together = 16
/** Bytes of a small Module, its Source and its Examples. */
const blobSizes = [1_500, 400, 300]
const attestations = 4

export async function rows(options: ReadonlyMap<string, string>): Promise<readonly BenchRow[]> {
  const count = Number(options.get("modules") ?? 300)
  if (!Number.isInteger(count) || count < 20 || count > 100_000) throw new Error("expected --modules between 20 and 100000")
  const folder = fs.mkdtempSync(path.join(options.get("folder") ?? os.tmpdir(), "l4 bench "))
  try {
    return [...(await acknowledgement(folder, count)), ...(await verb(folder, count))]
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

/** Compiled bytes, test results and Embedding at hand: sign, put, append. */
async function acknowledgement(folder: string, count: number): Promise<BenchRow[]> {
  const oci = path.join(folder, "oci")
  const directory = path.join(folder, "ledger")
  createBlobLayout(oci)
  fs.mkdirSync(directory)
  const blobs = openFileBlobStore(oci)
  const ledger = openFileLedger(directory, { quarantine: folder, nowMs: Date.now })
  const keyring = openFileKeyring(path.join(folder, "keys"))
  const key = await keyring.create({ purpose: "publisher", name: "bench", owner: "bench" })
  const times = { sign: [] as number[], put: [] as number[], append: [] as number[], all: [] as number[] }
  for (let number = 0; number < count; number++) {
    const start = performance.now()
    const draft = signed(number, statement => sealAttestation(statement, key.id, message => keyring.sign(key.id, message)))
    const signedAt = performance.now()
    await blobs.put(blobSizes.map((size, at) => new Uint8Array(size).fill(number + at).map((byte, index) => byte ^ (index * (number + 1)))))
    const putAt = performance.now()
    await ledger.append(draft)
    const end = performance.now()
    times.sign.push(signedAt - start)
    times.put.push(putAt - signedAt)
    times.append.push(end - putAt)
    times.all.push(end - start)
  }
  const bulk = await perSecond(count, number => ledger.append(signed(number, () => new Uint8Array(1_500))))
  await ledger.close()
  return [
    row("publish: sign 4 Statements", times.sign),
    row("publish: put 3 Blobs, durable", times.put),
    row("publish: append the record, durable", times.append),
    {
      ...row("publish: acknowledged, with bytes, results and Embedding at hand", times.all),
      target: "p50 < 3 ms",
      met: percentile(times.all, 0.5) < 3
    },
    rate(`ledger: records a second, ${together} at once`, count, bulk)
  ]
}

/** The verb by the progress it reports: the acknowledgement ends where the record is durable, the answer where its Verdict is reached. */
async function verb(folder: string, count: number): Promise<BenchRow[]> {
  const places = { store: path.join(folder, "store"), home: path.join(folder, "home") }
  await initStore({ ...places, owner: "bench" })
  const engine = await openEngine({ ...places, launch: forkLaunch })
  const publish = async (number: number, onProgress?: (at: { readonly step: string }) => void) => {
    const answer = await engine.publish(
      {
        request: { instruction: `add ${number} to a number`, interface: "(int) -> int" },
        source: `(defn add${number} [n :int] :int (+ n ${number}))`,
        examples: [{ args: "[1]", result: String(number + 1) }]
      },
      onProgress === undefined ? {} : { onProgress }
    )
    if (answer.kind !== "published") throw new Error(`not published: ${answer.kind}`)
  }
  try {
    for (let number = 1; number <= warmUps; number++) await publish(-number)
    const single: number[] = []
    const acknowledged: number[] = []
    const byStep = new Map<string, number[]>()
    for (let number = 0; number < count; number++) {
      const start = performance.now()
      let step: string | null = null
      let stepStart = start
      const ends = () => {
        const now = performance.now()
        if (step !== null) byStep.set(step, [...(byStep.get(step) ?? []), now - stepStart])
        stepStart = now
        return now
      }
      await publish(number, at => {
        const now = ends()
        step = at.step
        if (at.step === lastStep) acknowledged.push(now - start)
      })
      single.push(ends() - start)
    }
    const total = single.reduce((sum, one) => sum + one, 0)
    const bulk = await perSecond(count, number => publish(count + number))
    return [
      row("publish: acknowledged, from Source to the durable record", acknowledged),
      ...[...byStep].map(([step, times]) => row(`publish: of it, ${step}`, times)).filter(({ name }) => !name.endsWith(lastStep)),
      row(`publish: then, ${lastStep}`, byStep.get(lastStep) ?? []),
      row("publish: answered, from Source to Verdict", single),
      rate("publish: verbs a second, one after the other", count, (count / total) * 1_000),
      rate(`publish: verbs a second, ${together} at once`, count, bulk)
    ]
  } finally {
    await engine.close()
  }
}

/** What follows the acknowledgement. */
const lastStep = "weigh the evidence"
/** Publishes before any is timed: the runner starts, and the compiler is compiled. */
const warmUps = 10

function signed(number: number, seal: (statement: Parameters<typeof sealAttestation>[0]) => Uint8Array): LedgerDraft {
  const statement = {
    _type: "https://in-toto.io/Statement/v1" as const,
    subject: [{ name: "module", digest: { sha256: "0".repeat(64) } }],
    predicateType: predicateTypes.claim,
    predicate: { number, filler: "x".repeat(600) }
  }
  const parts = Array.from({ length: attestations }, () => ({ kind: "attestation" as const, bytes: seal(statement) }))
  return { kind: "feedback", body: { number }, parts: [...parts, { kind: "embedding", bytes: new Uint8Array(1_536) }] }
}

async function perSecond(count: number, work: (number: number) => Promise<unknown>): Promise<number> {
  let next = 0
  const start = performance.now()
  await Promise.all(
    Array.from({ length: together }, async () => {
      while (next < count) await work(next++)
    })
  )
  return (count / (performance.now() - start)) * 1_000
}

function row(name: string, times: readonly number[]): BenchRow {
  return {
    name,
    n: times.length,
    p50: percentile(times, 0.5),
    p99: percentile(times, 0.99),
    unit: "ms",
    peers: {},
    ratio: null,
    target: null,
    met: null
  }
}

function rate(name: string, n: number, value: number): BenchRow {
  return { name, n, p50: value, p99: value, unit: "/s", peers: {}, ratio: null, target: null, met: null }
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}
