/** A Bundle of many Modules written, verified and taken in, each in a process of its own. `--modules N` (default 10000), `--folder DIR`. */
import { execFile } from "node:child_process"
import { createHash, createPublicKey, generateKeyPairSync, sign, verify } from "node:crypto"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import type { StepAnswer, StepInput } from "./_bundle-step.ts"
import type { BenchRow } from "./bench.ts"

const stepFile = fileURLToPath(new URL("./_bundle-step.ts", import.meta.url))
/** Attestations of a Module that was published and signed off once. */
const signaturesOfModule = 5
const mebibyte = 1024 * 1024

/**
 * The Modules are real: each is compiled, tested, embedded, signed, logged and signed off by the engine's own verbs, 16 at once. The
 * first row says what that took; it is no part of the others.
 */
export async function rows(options: ReadonlyMap<string, string>): Promise<readonly BenchRow[]> {
  const modules = Number(options.get("modules") ?? 10_000)
  if (!Number.isInteger(modules) || modules < 10 || modules > 10_000) throw new Error("expected --modules between 10 and 10000")
  const folder = fs.mkdtempSync(path.join(options.get("folder") ?? os.tmpdir(), "l4 bench "))
  const input = (name: string, fingerprint: string | null): StepInput => ({
    store: path.join(folder, name),
    home: path.join(folder, `${name}-home`),
    bundle: path.join(folder, "bundle.tar"),
    modules,
    fingerprint
  })
  try {
    const filled = await step("fill", input("from", null))
    const fingerprint = String(filled.answer.fingerprint)
    const exported = await step("export", input("from", null))
    const bytes = Number(exported.answer.bytes)
    const floor = floorOf(path.join(folder, "bundle.tar"), modules)
    const verified = await step("verify", input("", fingerprint))
    expectAll("verify", verified, "trusted", modules)
    const imported = await step("import", input("to", fingerprint))
    expectAll("import", imported, "written", modules)
    const again = await step("import", input("to", null))
    expectAll("import again", again, "written", 0)
    return [
      rate("bundle: Modules published and signed off by the verbs, a second (16 at once)", modules, filled),
      rate("bundle: export, Modules a second", modules, exported),
      speed("bundle: export, MiB a second", modules, bytes, exported, floor),
      memory("bundle: export, greatest memory beyond the open store", modules, bytes, exported),
      rate("bundle: verify without a store, Modules a second", modules, verified),
      perModule("bundle: verification of one Module", modules, verified, floor),
      memory("bundle: verify without a store, greatest memory beyond the start", modules, bytes, verified),
      rate("bundle: import, Modules a second", modules, imported),
      speed("bundle: import, MiB a second", modules, bytes, imported, floor),
      memory("bundle: import, greatest memory beyond the open store", modules, bytes, imported),
      rate("bundle: import of what is here already, Modules a second", modules, again)
    ]
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

async function step(name: string, input: StepInput): Promise<StepAnswer> {
  const { stdout } = await promisify(execFile)(process.execPath, [stepFile, name, JSON.stringify(input)], { maxBuffer: 64 * mebibyte })
  return JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as StepAnswer
}

function expectAll(what: string, { answer }: StepAnswer, count: string, expected: number): void {
  if (answer[count] !== expected) throw new Error(`${what}: expected ${expected} ${count}, found ${JSON.stringify(answer)}`)
}

/** What no verifier can do without: one hash of the file, and one verification of each signature over a message of common size. */
interface Floor {
  readonly hashMs: number
  readonly signatureMs: number
}

function floorOf(file: string, modules: number): Floor {
  const start = performance.now()
  const sum = createHash("sha256")
  const handle = fs.openSync(file, "r")
  const piece = Buffer.alloc(mebibyte)
  for (let read = fs.readSync(handle, piece); read > 0; read = fs.readSync(handle, piece)) sum.update(piece.subarray(0, read))
  fs.closeSync(handle)
  sum.digest()
  const hashMs = performance.now() - start
  const { privateKey, publicKey } = generateKeyPairSync("ed25519")
  const key = createPublicKey(publicKey.export({ format: "pem", type: "spki" }))
  const message = Buffer.alloc(1_200, 7)
  const signature = sign(null, message, privateKey)
  const count = Math.min(2_000, signaturesOfModule * modules)
  const from = performance.now()
  for (let at = 0; at < count; at++) verify(null, message, key, signature)
  return { hashMs, signatureMs: (performance.now() - from) / count }
}

const none = { peers: {}, ratio: null, target: null, met: null } as const

function rate(name: string, n: number, { ms, cpuMs }: StepAnswer): BenchRow {
  const value = (n / ms) * 1_000
  return { ...none, name, n, p50: value, p99: value, unit: "/s", peers: { "/s of processor time": (n / cpuMs) * 1_000 } }
}

function speed(name: string, n: number, bytes: number, { ms }: StepAnswer, { hashMs }: Floor): BenchRow {
  const value = bytes / mebibyte / (ms / 1_000)
  const peer = bytes / mebibyte / (hashMs / 1_000)
  return { ...none, name, n, p50: value, p99: value, unit: "MiB/s", peers: { "sha256 of the file alone": peer }, ratio: value / peer }
}

/** The percentiles are over stretches between two reports of progress. */
function perModule(name: string, n: number, { ms, paces }: StepAnswer, { hashMs, signatureMs }: Floor): BenchRow {
  const weighed = (paces["weigh the Mappings"] ?? []).toSorted((left, right) => left - right)
  const floor = hashMs / n + signaturesOfModule * signatureMs
  const at = (share: number) => weighed[Math.max(0, Math.ceil(share * weighed.length) - 1)] ?? ms / n
  return {
    ...none,
    name,
    n,
    p50: at(0.5),
    p99: at(0.99),
    unit: "ms",
    peers: { "all steps, mean": ms / n, "hash and signatures alone": floor },
    ratio: floor / (ms / n)
  }
}

/** Whether a Bundle sits in memory would show here: `ratio` is the growth as a share of its bytes. */
function memory(name: string, n: number, bytes: number, { before, peak }: StepAnswer): BenchRow {
  const grown = (peak - before) / mebibyte
  return {
    ...none,
    name,
    n,
    p50: grown,
    p99: grown,
    unit: "MiB",
    peers: { "peak RSS": peak / mebibyte, "the Bundle": bytes / mebibyte },
    ratio: (peak - before) / bytes
  }
}
