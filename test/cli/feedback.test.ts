/** Use teaches the cache by command line: a Lookup with Examples, feedback on what it would have served, other words for a Module. */
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

const program = fileURLToPath(new URL("../../electron/cli/l4.mjs", import.meta.url))
const folder = mkdtempSync(join(tmpdir(), "l4-feedback-"))
const places = ["--store", join(folder, "store"), "--home", join(folder, "home")]
const type = "(:string) -> :string"

function l4(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words, ...places, "--json"], {
    encoding: "utf8",
    timeout: 120_000
  })
  const last = stdout.trimEnd().split("\n").at(-1) ?? ""
  return { exit: status, err: stderr, json: last === "" ? null : JSON.parse(last) }
}

let digest = ""

beforeAll(() => {
  expect(l4("init", "--owner", "tester").exit).toBe(0)
  const source = join(folder, "reverse.rtfs")
  const examples = join(folder, "reverse.json")
  writeFileSync(source, '(defn backwards [s :string] :string (join "" (reverse (split s ""))))\n')
  writeFileSync(examples, JSON.stringify({ examples: [{ args: '["ab"]', result: '"ba"' }] }))
  const made = l4("publish", source, "--task", "Reverse the characters of a text", "--examples", examples)
  expect(made.err).not.toContain("internal")
  digest = made.json.digest
  expect(l4("sign-off", digest, "--approve", "--note", "read").exit).toBe(0)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe("l4", () => {
  const asked = ["--task", "Return the string backwards", "--interface", type]

  it("serves by an Example what words alone are too far from, and takes a word on it", () => {
    expect(l4("lookup", ...asked)).toMatchObject({ exit: 1, json: { kind: "miss", reason: "too-far" } })
    const hit = l4("lookup", ...asked, "--example", '["stressed"] => "desserts"', "--args", '["l4"]')
    expect(hit).toMatchObject({ exit: 0, json: { kind: "hit", tier: "verified", digest, outcome: { value: '"4l"' } } })
    expect(l4("feedback", hit.json.hit, "--right", "--note", "as meant")).toMatchObject({
      exit: 0,
      json: { right: true, judged: { n: 1, wrong: 0 } }
    })
    expect(l4("feedback", hit.json.hit, "--right", "--wrong").exit).toBe(2)
    expect(l4("feedback", "1", "--right").exit).toBe(2)
  })

  it("serves nothing that fails the Example, nor below the caller's own bound", () => {
    const failing = l4("lookup", ...asked, "--example", '["ab"] => "ab"')
    expect(failing).toMatchObject({
      exit: 1,
      json: { candidates: [{ dropped: expect.stringContaining("its own Example gives another result") }] }
    })
    const closed = l4("lookup", ...asked, "--example", '["stressed"] => "desserts"', "--false-hits", "0")
    expect(closed).toMatchObject({ exit: 1, json: { shadow: { module: digest } } })
    const wrong = l4("lookup", ...asked, "--example", '["a"] => "a"', "--example", '["a"] => "b"')
    expect(wrong.exit).toBe(2)
    expect(wrong.err).toContain("contradict")
  })

  it("gives a Module other words, which wait for their own sign-off", () => {
    const other = l4("alias", digest, "--task", "Return the string backwards")
    expect(other).toMatchObject({ exit: 0, json: { digest, verdict: "pending" } })
    expect(l4("lookup", ...asked)).toMatchObject({ exit: 1, json: { reason: "untrusted" } })
    expect(l4("sign-off", digest, "--mapping", other.json.mapping, "--approve", "--note", "same").exit).toBe(0)
    expect(l4("lookup", ...asked)).toMatchObject({ exit: 0, json: { tier: "exact-text", mapping: other.json.mapping } })
  })
})
