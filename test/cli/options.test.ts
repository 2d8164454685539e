import { describe, expect, it } from "vitest"
import { expectPositionals, readWords } from "../../electron/cli/options.ts"

const own = { args: "text", review: "flag", example: "texts", limit: "text", output: "text" } as const

describe("the words of a command line", () => {
  it.each([
    ["a flag and a value", ["D", "--review", "--args", "[1]"], { positionals: ["D"], args: "[1]", review: true }],
    ["a value that begins with a dash", ["--args", "-5"], { positionals: [], args: "-5", review: false }],
    ["a value after an equals sign", ["--args=[1]"], { positionals: [], args: "[1]", review: false }],
    ["options before and after the positional", ["--json", "D", "--args", "[]"], { positionals: ["D"], args: "[]", review: false }]
  ])("are read: %s", (_, argv, expected) => {
    const words = readWords(argv, own)
    expect({ positionals: words.positionals, args: words.text("args"), review: words.flag("review") }).toEqual(expected)
  })

  it("gather an option that may repeat, in order", () => {
    expect(readWords(["--example", "[1] => 2", "--example", "[2] => 3"], own).texts("example")).toEqual(["[1] => 2", "[2] => 3"])
  })

  it("take -o as --output", () => {
    expect(readWords(["-o", "out.wasm"], own).text("output")).toBe("out.wasm")
  })

  it("refuse an option nobody knows", () => {
    expect(() => readWords(["--speed"], own)).toThrow(/--speed/)
  })

  it.each(["zero", "0", "201", "1.5", "1e2", ""])("refuse %o where a whole number from 1 to 200 is expected", value => {
    expect(() => readWords([`--limit=${value}`], own).integer("limit", 1, 200)).toThrow(/--limit: expected/)
  })

  it("say which positionals were expected", () => {
    expect(() => expectPositionals(readWords([], own), ["DIGEST"])).toThrow("expected DIGEST, found nothing")
    expect(() => expectPositionals(readWords(["a", "b"], own), ["DIGEST"])).toThrow('expected DIGEST, found "a" "b"')
  })
})
