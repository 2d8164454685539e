/** Find, probe and reembed as a person meets them: real processes, rows and reasons on stdout, what was left out on stderr. */
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, expect, it } from "vitest"

const program = fileURLToPath(new URL("../../electron/cli/l4.mjs", import.meta.url))
const folder = mkdtempSync(join(tmpdir(), "l4 find "))

function l4(...words: string[]) {
  const { L4_PASSPHRASE: _, ...environment } = process.env
  const ran = spawnSync(process.execPath, [program, ...words], {
    env: { ...environment, L4_HOME: join(folder, "home") },
    encoding: "utf8",
    timeout: 120_000
  })
  return { exit: ran.status, out: ran.stdout, err: ran.stderr }
}

const digests: string[] = []

function publish(name: string, task: string, source: string, args: string, result: string, approve = true) {
  const file = join(folder, `${name}.rtfs`)
  writeFileSync(file, source)
  writeFileSync(join(folder, `${name}.json`), JSON.stringify([{ args, result }]))
  const made = l4("publish", file, "--task", task, "--examples", join(folder, `${name}.json`), "--json")
  const { digest } = JSON.parse(made.out) as { digest: string }
  if (approve) expect(l4("sign-off", digest, "--approve", "--note", "read").exit).toBe(0)
  digests.push(digest)
}

beforeAll(() => {
  expect(l4("init", "--owner", "tester").exit).toBe(0)
  publish("most", "the largest of a list", "(defn most [xs : [:vector :int]] :int (if (empty? xs) 0 (apply max xs)))", "[[1 9]]", "9")
  publish("last", "the biggest of a list", "(defn last-of [xs : [:vector :int]] :int (if (empty? xs) -1 (last (sort xs))))", "[[1 9]]", "9")
  publish("ask", "ask a host", '(defn ask [xs : [:vector :int]] :int (call "net.get" xs))', "[[1]]", "1", false)
}, 120_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

it("prints rows with their reasons, says on what rivals part, and tells on stderr what was not run", () => {
  const found = l4("find", "largest", "number", "of", "a", "list", "--type", "([:vector ?a]) -> ?a", "--example", "[[3 7 5]] => 7")
  expect(found.exit).toBe(0)
  expect(found.out).toMatch(
    /the largest of a list\n.*\n {4}shares the words largest, list · similarity 0\.\d\d · its Interface fits · answers 1 of 1 Examples\n/
  )
  expect(found.out).toMatch(/these two differ on \[\[\]\]: sha256:[0-9a-f]{12} 0, sha256:[0-9a-f]{12} -1\n$/)
  const rows = JSON.parse(l4("find", "--example", "[[3 7 5]] => 7", "--publisher", "tester", "--json").out.trimEnd().split("\n").at(-1)!)
  expect(rows.map((row: { digest: string }) => row.digest).sort()).toEqual(digests.slice(0, 2).sort())
})

it.each([
  ["a malformed TYPE", ["find", "--type", "(int, , int) -> int"], /malformed at character \d+: .*\n {2}\(int, , int\) -> int\n {2,}\^/],
  ["an Example without its arrow", ["find", "--example", "[1 2] = 3"], /--example is malformed at character 10: expected ARGS => RESULT/],
  [
    "Examples that contradict each other",
    ["find", "--example", "[1] => 1", "--example", "[1] => 2"],
    /Examples 1 and 2 contradict each other/
  ],
  ["empty words", ["find", ""], /expected WORDS/],
  ["words too long", ["find", "x".repeat(100_000)], /expected at most 4096 bytes/],
  ["facets that exclude each other", ["find", "x", "--used", "--unused"], /found both/],
  ["a folder that is no model", ["reembed", "--model", "/nowhere"], /holds no embedding model/],
  ["a probe of one", ["probe", "abcd"], /--against is required/]
] as const)("refuses %s", (_, words, message) => {
  const refused = l4(...words)
  expect([refused.exit, refused.out]).toEqual([2, ""])
  expect(refused.err).toMatch(message)
})

it("probes two Modules: exit 1 where they part", () => {
  const apart = l4("probe", digests[0]!, "--against", digests[1]!, "--json")
  expect([apart.exit, JSON.parse(apart.out)]).toMatchObject([
    1,
    { disagreements: [{ args: "[[]]", here: { value: "0" }, there: { value: "-1" } }] }
  ])
  expect(l4("probe", digests[0]!, "--against", digests[0]!).exit).toBe(0)
})
