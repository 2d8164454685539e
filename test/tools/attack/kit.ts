/** What all attacks share: stores to attack, a way to look at every byte of them, keys taken from an unprotected file, and the list of what came of each. */
import { createHash } from "node:crypto"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { parseKeyFile, unseal } from "../../../electron/engine/adapters/key-file.ts"
import { keyIdOf, publicKeyOf, signWithSeed } from "../../../electron/engine/core/crypto.ts"
import type { Signer } from "../../../electron/engine/core/dsse.ts"
import type { Engine } from "../../../electron/engine/index.ts"
import { forkLaunch, initStore, openEngine } from "../../../electron/engine/index.ts"
import type { InputOf } from "../../../shared/engine-contract.ts"
import { EngineFailure } from "../../../shared/failure.ts"
import type { KeyPurpose } from "../../../shared/trust.ts"

interface Case {
  readonly name: string
  readonly code: string
  readonly ok: boolean
}

export interface Places {
  readonly store: string
  readonly home: string
}

export const folder = fs.mkdtempSync(path.join(os.tmpdir(), "l4-attack-"))
export const cases: Case[] = []

export function note(name: string, code: string, ok: boolean): void {
  if (cases.some(one => one.name === name)) throw new Error(`two attacks are called ${name}`)
  cases.push({ name, code, ok })
}

export async function freshStore(name: string, owner: string): Promise<Places> {
  const places = { store: path.join(folder, name), home: path.join(folder, `${name}-home`) }
  await initStore({ ...places, owner })
  return places
}

export const open = (places: Places): Promise<Engine> => openEngine({ ...places, launch: forkLaunch })

export function copyStore(from: Places, name: string): Places {
  const places = { store: path.join(folder, name), home: path.join(folder, `${name}-home`) }
  fs.cpSync(from.store, places.store, { recursive: true })
  fs.cpSync(from.home, places.home, { recursive: true })
  return places
}

/** A Draft that adds; other words make another Task. */
export const adding = (instruction = "add two numbers", body = "(+ a b)"): InputOf<"publish"> => ({
  request: { instruction, interface: "(int, int) -> int" },
  source: `(defn add [a :int b :int] :int ${body})`,
  examples: [{ args: "[1 2]", result: "3" }]
})

export async function published(engine: Engine, draft: InputOf<"publish"> = adding()): Promise<{ digest: string; mapping: string }> {
  const made = await engine.publish(draft)
  if (made.kind !== "published") throw new Error(`expected a published Module, found ${made.kind}`)
  return { digest: made.digest, mapping: made.mapping }
}

export async function accepted(engine: Engine, draft: InputOf<"publish"> = adding()): Promise<{ digest: string; mapping: string }> {
  const made = await published(engine, draft)
  await engine.signOff({ digest: made.mapping, signOff: { decision: "approve", note: "read" } })
  return made
}

/** Everything that a refusal must leave as it was, byte for byte: the three truths of a store, and what the user keeps beside it. */
export function stateOf({ store, home }: Places, but: readonly string[] = []): string {
  const sum = createHash("sha256")
  const parts = ["FORMAT.json", "ledger", "oci", "trust", "quarantine"].map(name => path.join(store, name))
  for (const top of [...parts, path.join(home, "keys"), path.join(home, "seen")]) {
    for (const file of filesIn(top)) {
      if (!but.some(one => file.startsWith(path.join(store, one))))
        sum.update(`${path.relative(folder, file)}\n`).update(fs.readFileSync(file))
    }
  }
  return sum.digest("hex")
}

function filesIn(top: string): string[] {
  if (!fs.existsSync(top)) return []
  if (fs.statSync(top).isFile()) return [top]
  return fs
    .readdirSync(top, { recursive: true, withFileTypes: true })
    .filter(entry => !entry.isDirectory())
    .map(entry => path.join(entry.parentPath, entry.name))
    .sort()
}

export async function attempt(act: () => unknown): Promise<string> {
  try {
    const answer = await act()
    return typeof answer === "string" ? answer : "accepted"
  } catch (failure) {
    return failure instanceof EngineFailure ? failure.code : `internal: ${String(failure)}`
  }
}

/** The act must fail with this code and leave every byte as it was. `why`: what its words must say. */
export async function refuses(name: string, places: Places, code: string, act: () => unknown, why = /./): Promise<void> {
  const before = stateOf(places)
  let words = "no failure"
  const found = await attempt(async () => {
    try {
      return await act()
    } catch (failure) {
      words = failure instanceof Error ? failure.message : ""
      throw failure
    }
  })
  note(name, found, found === code && why.test(words) && stateOf(places) === before)
}

/** The Mapping must not be trusted because of this rule, nor be served, and asking writes nothing (but into these folders). */
export async function distrusts(
  name: string,
  places: Places,
  mapping: string,
  rule: string,
  instruction = "add two numbers",
  but: readonly string[] = []
): Promise<void> {
  const before = stateOf(places, but)
  const code = await attempt(async () => {
    const engine = await open(places)
    try {
      const verdict = await engine.verify({ digest: mapping })
      const served = await engine.lookup({ request: adding(instruction).request as never })
      if (verdict.state === "trusted" || (served.kind === "hit" && served.mapping === mapping)) return "accepted"
      const failing = verdict.rules.filter(one => one.outcome === "fail" || one.outcome === "missing").map(one => one.rule as string)
      return failing.includes(rule) ? rule : (failing[0] ?? "not-trusted")
    } finally {
      await engine.close()
    }
  })
  note(name, code, code === rule && stateOf(places, but) === before)
}

export function flip(file: string, at = -1): void {
  fs.chmodSync(file, 0o644)
  const bytes = fs.readFileSync(file)
  bytes[at < 0 ? bytes.length >> 1 : at]! ^= 1
  fs.writeFileSync(file, bytes)
}

/** The secret half of an unprotected key: what an attacker has who got hold of the user's folder. */
export function stolen({ home }: Places, purpose: KeyPurpose): Signer {
  for (const name of fs.readdirSync(path.join(home, "keys"))) {
    const file = parseKeyFile(new Uint8Array(fs.readFileSync(path.join(home, "keys", name))))
    if (typeof file === "string" || file.header.purpose !== purpose) continue
    const slot = file.slots.find(one => one.kind === "none")
    const seed = slot === undefined ? null : unseal(file.seed, slot.key, file.header, "seed")
    if (seed !== null) return { keyId: file.header.id, sign: message => signWithSeed(seed, message) }
  }
  throw new Error(`no unprotected ${purpose} key`)
}

const strangerSeed = new Uint8Array(createHash("sha256").update("stranger").digest())
export const stranger: Signer = { keyId: keyIdOf(publicKeyOf(strangerSeed)), sign: message => signWithSeed(strangerSeed, message) }
