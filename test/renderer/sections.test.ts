import { describe, expect, test } from "vitest"
import { readSections } from "../../renderer/features/module/sections.ts"

const header = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]
const walk = (...rest: number[]) => readSections(Uint8Array.from([...header, ...rest]))

describe("the walk over the sections", () => {
  test("answers each section with its bounds, and the name of a custom one", () => {
    expect(walk(1, 2, 0xaa, 0xbb, 0, 4, 2, 0x61, 0x62, 0xff)).toEqual({
      sections: [
        { id: 1, name: null, at: 8, start: 10, end: 12 },
        { id: 0, name: "ab", at: 12, start: 14, end: 18 }
      ],
      problem: null
    })
  })

  test("reads a size of several bytes, padded ones too", () => {
    const { sections } = walk(10, 0x81, 0x80, 0x00, 0x77)
    expect(sections).toEqual([{ id: 10, name: null, at: 8, start: 12, end: 13 }])
    const long = walk(11, 0xc8, 0x01, ...Array<number>(200).fill(0))
    expect(long.sections[0]).toMatchObject({ start: 11, end: 211 })
  })

  test("agrees with what the platform reads", () => {
    const custom = [0, 5, 1, 0x6e, 1, 2, 3]
    const bytes = Uint8Array.from([...header, ...custom, 1, 1, 0])
    const [section] = readSections(bytes).sections
    const [platform] = WebAssembly.Module.customSections(new WebAssembly.Module(bytes), "n")
    expect([...bytes.subarray(section!.start + 2, section!.end)]).toEqual([...new Uint8Array(platform!)])
  })

  test.each([
    ["no bytes at all", [], "no-module", 0],
    ["another magic number", [0x7f, 0x45, 0x4c, 0x46], "no-module", 0],
    ["another version", [0x00, 0x61, 0x73, 0x6d, 0x02, 0x00, 0x00, 0x00], "no-module", 0],
    ["a section without a size", [...header, 1], "cut", 8],
    ["a section longer than the file", [...header, 1, 3, 0], "cut", 8],
    ["a size of more than 32 bits", [...header, 1, 0xff, 0xff, 0xff, 0xff, 0x7f], "cut", 8],
    ["a size that does not end", [...header, 1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00], "cut", 8]
  ])("says of %s where it cannot go on", (_, bytes, why, at) => {
    expect(readSections(Uint8Array.from(bytes)).problem).toEqual({ at, why })
  })

  test("keeps what came before a damaged section", () => {
    expect(walk(1, 0, 2, 9).sections).toHaveLength(1)
  })

  test("stops at a bound where hostile bytes hold sections without end", () => {
    const { sections, problem } = walk(...Array.from({ length: 1_001 }, () => [1, 0]).flat())
    expect(sections).toHaveLength(1_000)
    expect(problem).toEqual({ at: 8 + 2_000, why: "many" })
  })

  test("a custom name that leaves its section is no name", () => {
    expect(walk(0, 2, 9, 0x61).sections[0]).toMatchObject({ id: 0, name: null })
  })
})
