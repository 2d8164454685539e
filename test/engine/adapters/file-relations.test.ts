import { createHash } from "node:crypto"
import fs from "node:fs"
import path from "node:path"
import { describe, expect, it, onTestFinished } from "vitest"
import { openFileRelations } from "../../../electron/engine/adapters/file-relations.ts"
import { createSeal } from "../../../electron/engine/adapters/seal.ts"
import { createRelations } from "../../../electron/engine/evidence.ts"
import type { RelationKind, Relations } from "../../../electron/engine/ports.ts"
import type { Digest } from "../../../shared/digest.ts"
import { scratchFolder } from "../scratch.ts"
import { randomOf } from "../vectors.ts"

const kinds: readonly RelationKind[] = ["published", "signed-off", "module", "trust"]
const digestOf = (number: number) => `sha256:${createHash("sha256").update(String(number)).digest("hex")}` as Digest
const leafAt = (size: number) => `leaf ${size}`

function openIn(folder: string, refill: (relations: Relations) => void = () => undefined) {
  const relations = openFileRelations({
    directory: path.join(folder, "hot"),
    seal: createSeal(path.join(folder, "home")),
    readOnly: false,
    least: 1,
    refill: () => refill(relations)
  })
  onTestFinished(() => relations.close())
  return relations
}

/** The same additions to each; keys come again and again. */
function fill(all: readonly Relations[], from: number, count: number, random: () => number): void {
  for (let at = from; at < from + count; at++) {
    const kind = kinds[Math.floor(random() * kinds.length)] as RelationKind
    const digest = digestOf(Math.floor(random() * 300))
    for (const one of all) one.add(kind, digest, at)
  }
  for (const one of all) one.reached(from + count, 1_000 + from + count)
}

function expectSame(left: Relations, right: Relations): void {
  expect([left.size, left.highestMs]).toEqual([right.size, right.highestMs])
  for (const kind of kinds) {
    for (let number = 0; number < 310; number += 3) expect(left.of(kind, digestOf(number))).toEqual(right.of(kind, digestOf(number)))
    const listed = (one: Relations) => [...new Set([...one.each(kind)].map(([digest, at]) => `${digest} ${at}`))].sort()
    expect(listed(left)).toEqual(listed(right))
  }
}

describe("relations on disk", () => {
  it("are those held in plain maps, whatever was saved when, and after opening again", async () => {
    const folder = scratchFolder()
    const plain = createRelations()
    const random = randomOf(5)
    let relations = openIn(folder)
    for (const [round, count] of [1, 700, 3, 2_000, 90].entries()) {
      fill([relations, plain], plain.size, count, random)
      if (round !== 2) {
        const saving = relations.save(leafAt)
        fill([relations, plain], plain.size, 11, random)
        expectSame(relations, plain)
        await saving
      }
      expectSame(relations, plain)
    }
    await relations.save(leafAt)
    await relations.close()
    relations = openIn(folder)
    expect(relations.origin).toEqual({ size: plain.size, leaf: leafAt(plain.size) })
    expectSame(relations, plain)
    expect(fs.readdirSync(path.join(folder, "hot")).filter(name => name.endsWith(".run"))).toHaveLength(1)
  })

  it.each([
    ["the seal", "relations.snap", -1],
    ["what the seal covers", "relations.snap", 20]
  ])("are not believed where %s was changed", async (_, name, at) => {
    const folder = scratchFolder()
    const relations = openIn(folder)
    fill([relations], 0, 500, randomOf(6))
    await relations.save(leafAt)
    await relations.close()
    const file = path.join(folder, "hot", name)
    const bytes = fs.readFileSync(file)
    bytes[at < 0 ? bytes.length + at : at]! ^= 1
    fs.writeFileSync(file, bytes)
    expect(openIn(folder).origin).toBeNull()
  })

  it("take everything in again where the run leaves something out", async () => {
    const folder = scratchFolder()
    const plain = createRelations()
    fill([plain], 0, 900, randomOf(7))
    const relations = openIn(folder)
    fill([relations], 0, 900, randomOf(7))
    await relations.save(leafAt)
    await relations.close()
    const [name] = fs.readdirSync(path.join(folder, "hot")).filter(one => one.endsWith(".run"))
    const file = path.join(folder, "hot", name as string)
    const bytes = fs.readFileSync(file)
    bytes.copy(bytes, 40 * 200, 40 * 199, 40 * 200)
    fs.writeFileSync(file, bytes)
    let refilled = 0
    const opened = openIn(folder, again => {
      refilled++
      fill([again], 0, 900, randomOf(7))
    })
    expectSame(opened, plain)
    expect(refilled).toBe(1)
  })

  it("answer nothing where the run is damaged and the Ledger cannot be read, rather than half of it", async () => {
    const folder = scratchFolder()
    const relations = openIn(folder)
    fill([relations], 0, 900, randomOf(7))
    await relations.save(leafAt)
    await relations.close()
    const [name] = fs.readdirSync(path.join(folder, "hot")).filter(one => one.endsWith(".run"))
    fs.writeFileSync(path.join(folder, "hot", name as string), "")
    const opened = openIn(folder, again => {
      fill([again], 0, 100, randomOf(7))
      throw new Error("record 100 is damaged")
    })
    for (let time = 0; time < 2; time++) {
      expect(() => opened.of("published", digestOf(1))).toThrow("record 100 is damaged")
      expect(() => [...opened.each("published")]).toThrow("record 100 is damaged")
    }
  })

  it("write nothing for few records", async () => {
    const folder = scratchFolder()
    const relations = openFileRelations({
      directory: path.join(folder, "hot"),
      seal: createSeal(path.join(folder, "home")),
      readOnly: false,
      least: 1_000,
      refill: () => undefined
    })
    fill([relations], 0, 500, randomOf(8))
    await relations.save(leafAt)
    expect(fs.existsSync(path.join(folder, "home"))).toBe(false)
    expect(fs.existsSync(path.join(folder, "hot"))).toBe(false)
  })
})
