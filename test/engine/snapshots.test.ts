/** A store opened from its snapshots serves what it serves when everything is read, and nobody who writes into it can leave anything out. */
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { forkLaunch } from "../../electron/engine/adapters/child-process.ts"
import { createSeal, readSealed, writeSealed } from "../../electron/engine/adapters/seal.ts"
import type { Engine } from "../../electron/engine/engine.ts"
import { initStore, openEngine } from "../../electron/engine/open.ts"
import type { Digest } from "../../shared/digest.ts"
import { EngineFailure } from "../../shared/failure.ts"
import { adding, published } from "./opened.ts"
import { scratchFolder } from "./scratch.ts"
import { randomOf } from "./vectors.ts"

const asks = ["add two numbers", "subtract two numbers", "multiply two numbers", "divide nothing"]

interface Places {
  readonly store: string
  readonly home: string
}

interface Kept extends Places {
  readonly mappings: readonly Digest[]
  readonly answers: readonly string[]
}

let sound: Kept

beforeAll(async () => {
  sound = await made()
}, 120_000)

afterAll(() => fs.rmSync(path.dirname(sound.store), { recursive: true, force: true }))

/** A copy of the store that every test begins with. */
function kept(): Kept {
  const store = path.join(scratchFolder(), "store")
  fs.cpSync(sound.store, store, { recursive: true })
  return { ...sound, store }
}

/** One trusted Mapping, one refused, one revoked, one that was never published; with snapshots of all of it. */
async function made(): Promise<Kept> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "l4 snapshots "))
  const [store, home] = [path.join(folder, "store"), path.join(folder, "home")]
  await initStore({ store, home, owner: "tester" })
  const mappings: Digest[] = []
  let engine = await opened({ store, home })
  for (const [at, operator] of ["+", "-", "*"].entries()) {
    const draft = {
      request: { instruction: asks[at] as string, interface: "(int, int) -> int" },
      source: `(defn calculate${at} [a :int b :int] :int (${operator} a b))`,
      examples: [{ args: "[4 2]", result: { "+": "6", "-": "2", "*": "8" }[operator] as string }]
    }
    mappings.push((await published(engine, draft)).mapping)
  }
  // Half of it goes into a first run, half into a second: a refusal must survive the merge.
  await engine.close()
  engine = await opened({ store, home })
  const digestOf = async (mapping: Digest) => (await engine.show({ digest: mapping })).digest
  await engine.signOff({
    digest: await digestOf(mappings[1] as Digest),
    mapping: mappings[1] as Digest,
    signOff: { decision: "reject", note: "wrong" }
  })
  await engine.revoke({ what: mappings[2] as Digest, reason: "wrong" })
  const answers = await answersOf(engine)
  await engine.close()
  return { store, home, mappings, answers }
}

const opened = (places: Places) => openEngine({ ...places, launch: forkLaunch, snapshotsFrom: 5 })

async function answersOf(engine: Engine): Promise<string[]> {
  const said: string[] = []
  for (const instruction of asks) {
    const answer = await engine.lookup({ request: { instruction, interface: "(int, int) -> int" }, args: "[9 3]" })
    said.push(
      answer.kind === "hit"
        ? `${answer.mapping} ${JSON.stringify(answer.outcome?.kind === "returned" && answer.outcome.value)}`
        : answer.reason
    )
  }
  return said
}

async function reopened(places: Places): Promise<string[]> {
  const engine = await opened(places)
  try {
    return await answersOf(engine)
  } finally {
    await engine.close()
  }
}

/** How the names of the derived files begin; the run carries a number. */
const derived = ["ledger.snap", "ledger.places", "relations.snap", "relations-"]

function fileOf(store: string, beginning: string): string {
  const hot = path.join(store, "hot")
  const name = fs.readdirSync(hot).find(one => one.startsWith(beginning))
  if (name === undefined) throw new Error(`there is no ${beginning} in ${fs.readdirSync(hot).join(", ")}`)
  return path.join(hot, name)
}

describe("a store with snapshots", () => {
  it("answers from them as it answers without", async () => {
    const store = kept()
    expect(store.answers).toEqual([`${store.mappings[0]} "12"`, "untrusted", "untrusted", "too-far"])
    for (const name of derived) expect(fs.statSync(fileOf(store.store, name)).size).toBeGreaterThan(0)
    expect(await reopened(store)).toEqual(store.answers)
    fs.rmSync(path.join(store.store, "hot"), { recursive: true })
    expect(await reopened(store)).toEqual(store.answers)
  }, 120_000)

  it("answers the same, or fails and says why, with any byte of them changed", async () => {
    const store = kept()
    const random = randomOf(3)
    for (const name of derived) {
      const file = fileOf(store.store, name)
      const whole = fs.readFileSync(file)
      const changed = Buffer.from(whole)
      const at = Math.floor(random() * whole.length)
      changed[at]! ^= 1 << Math.floor(random() * 8)
      fs.writeFileSync(file, changed)
      expect(await reopened(store)).toEqual(store.answers)
    }
  }, 120_000)

  it("reads everything where a stranger sealed them, leaving a refusal out", async () => {
    const store = kept()
    const stranger = createSeal(path.join(store.home, "stranger"))
    const own = createSeal(store.home)
    for (const [name, purpose] of [
      ["ledger.snap", "ledger"],
      ["relations.snap", "relations"]
    ] as const) {
      const file = fileOf(store.store, name)
      const sealed = readSealed(file, own, purpose)
      if (sealed === null) throw new Error(`${name} is not sealed by its user`)
      writeSealed(file, stranger, purpose, { ...(sealed.header as object), entries: 0 }, [])
    }
    expect(await reopened(store)).toEqual(store.answers)
  }, 120_000)

  it("is opened for reading only where a record that opening looks at was changed", async () => {
    const store = kept()
    changeLedger(store.store, () => 40)
    const engine = await opened(store)
    try {
      expect((await engine.status({})).warnings.join()).toMatch(/ledger is damaged/)
      await expect(engine.publish(adding)).rejects.toMatchObject({ code: "store-read-only" })
      expect((await answersOf(engine)).filter(answer => answer.includes('"12"'))).toEqual([])
    } finally {
      await engine.close()
    }
  }, 120_000)

  it("ends all writing when a record that a snapshot vouched for turns out changed", async () => {
    const store = kept()
    changeLedger(store.store, bytes => bytes.indexOf('"kind":"published"'))
    const engine = await opened(store)
    try {
      let failure: unknown = null
      for (let turn = 0; turn < 400 && !(failure instanceof EngineFailure); turn++) {
        await new Promise(resolve => setTimeout(resolve, 10))
        failure = await engine.publish({ ...adding, request: { ...adding.request, instruction: `again ${turn}` } }).then(
          () => null,
          error => error
        )
      }
      expect(failure).toMatchObject({ code: "ledger-damaged" })
    } finally {
      await engine.close()
    }
  }, 120_000)
})

function changeLedger(store: string, at: (bytes: Buffer) => number): void {
  const segment = path.join(store, "ledger", "00000001.log")
  const bytes = fs.readFileSync(segment)
  bytes[at(bytes)]! ^= 1
  fs.writeFileSync(segment, bytes)
}
