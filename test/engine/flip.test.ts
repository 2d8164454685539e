/** One bit of one file of a store is flipped: what is served afterwards is right, or is not served and says why. `L4_FLIPS` asks for more than the few here. */
import fs from "node:fs"
import path from "node:path"
import { expect, it } from "vitest"
import { forkLaunch } from "../../electron/engine/adapters/child-process.ts"
import { openEngine } from "../../electron/engine/open.ts"
import { EngineFailure } from "../../shared/failure.ts"
import { adding, published, storeOnDisk } from "./opened.ts"
import { randomOf } from "./vectors.ts"

const flips = Number(process.env.L4_FLIPS ?? 16)
const kinds = ["FORMAT.json", "ledger", "oci/blobs", "oci/index.json", "trust", "hot/hot.f32", "hot/hot.snap", "hits"]
const asks = [
  { request: adding.request, args: "[3 4]", value: "7" },
  { request: { ...adding.request, instruction: "Add 2 numbers, please" }, args: "[3 4]", value: null },
  { request: { instruction: "twice a number", interface: "(int) -> int" }, args: "[4]", value: "8" }
]

it("never serves anything wrong", async () => {
  const { store, home, open } = await storeOnDisk()
  const engine = await open()
  await published(engine)
  await published(engine, {
    request: { instruction: "twice a number", interface: "(int) -> int" },
    source: "(defn twice [n :int] :int (* 2 n))",
    examples: [{ args: "[1]", result: "2" }]
  })
  for (const { request, args } of asks) await engine.lookup({ request, args })
  await engine.close()
  const sound = `${store} sound`
  fs.cpSync(store, sound, { recursive: true })
  const random = randomOf(Number(process.env.L4_SEED ?? 11))
  const wrong: string[] = []
  const seen = { hit: 0, miss: 0, refused: 0 }
  for (let flip = 0; flip < flips; flip++) {
    fs.rmSync(store, { recursive: true, force: true })
    fs.cpSync(sound, store, { recursive: true })
    const what = flipOne(store, kinds[flip % kinds.length]!, random)
    wrong.push(...(await ask({ store, home }, what, seen)))
  }
  expect(wrong).toEqual([])
  expect(seen.hit).toBeGreaterThan(0)
  expect(seen.miss + seen.refused).toBeGreaterThan(0)
}, 600_000)

/** Answers what was flipped, for a report that can be read. */
function flipOne(store: string, kind: string, random: () => number): string {
  const place = path.join(store, kind)
  const files = fs.statSync(place).isFile() ? [place] : filesBelow(place)
  const file = files[Math.floor(random() * files.length)]!
  const bytes = fs.readFileSync(file)
  const at = Math.floor(random() * bytes.length)
  const bit = 1 << Math.floor(random() * 8)
  if (bytes.length > 0) bytes[at]! ^= bit
  fs.chmodSync(file, 0o644)
  fs.writeFileSync(file, bytes)
  return `${path.relative(store, file)} byte ${at} bit ${bit}`
}

function filesBelow(folder: string): string[] {
  const entries = fs.readdirSync(folder, { withFileTypes: true, recursive: true })
  return entries
    .filter(entry => entry.isFile())
    .map(entry => path.join(entry.parentPath, entry.name))
    .sort()
}

async function ask(
  places: { store: string; home: string },
  what: string,
  seen: { hit: number; miss: number; refused: number }
): Promise<string[]> {
  const wrong: string[] = []
  try {
    const engine = await openEngine({ ...places, launch: forkLaunch })
    try {
      for (const { request, args, value } of asks) {
        const answer = await engine.lookup({ request, args })
        seen[answer.kind]++
        if (answer.kind === "hit" && (answer.outcome?.kind !== "returned" || answer.outcome.value !== value))
          wrong.push(`${what}: served ${JSON.stringify(answer.outcome)}`)
      }
      await engine.list({})
    } finally {
      await engine.close()
    }
  } catch (failure) {
    seen.refused++
    if (!(failure instanceof EngineFailure) || failure.code === "internal")
      wrong.push(`${what}: ${failure instanceof Error ? failure.stack : String(failure)}`)
  }
  return wrong
}
