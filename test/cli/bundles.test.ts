/** Export, import and verify as two people at two machines meet them: real processes, real stores, exit codes. */
import { spawnSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"
import { scratchFolder } from "../engine/scratch.ts"

const program = fileURLToPath(new URL("../../electron/cli/l4.mjs", import.meta.url))

function person(folder: string, name: string) {
  const home = join(folder, name)
  return (...words: readonly string[]) => {
    const { L4_PASSPHRASE: _, ...environment } = process.env
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words, "--json"], {
      env: { ...environment, L4_HOME: home },
      input: "",
      encoding: "utf8",
      timeout: 120_000
    })
    const last = stdout.trimEnd().split("\n").at(-1) ?? ""
    return { exit: status, err: stderr, json: (last === "" ? null : JSON.parse(last)) as never }
  }
}

it("carries a Module from one person's store to another's, where it is a Hit", () => {
  const folder = scratchFolder()
  const alice = person(folder, "alice")
  const bob = person(folder, "bob")
  const file = (name: string) => join(folder, name)
  writeFileSync(file("add.rtfs"), "(defn add [a :int b :int] :int (+ a b))")
  writeFileSync(file("add.json"), '[{"args":"[1 2]","result":"3"}]')
  expect(alice("init", "--owner", "alice").exit).toBe(0)
  expect(bob("init", "--owner", "bob").exit).toBe(0)
  const { digest } = alice("publish", file("add.rtfs"), "--task", "add two numbers", "--examples", file("add.json")).json as {
    digest: string
  }
  expect(alice("sign-off", digest, "--approve", "--note", "read").exit).toBe(0)
  const exported = alice("export", digest, "-o", file("b.tar"))
  expect(exported).toMatchObject({ exit: 0, json: { modules: 1, mappings: 1 } })
  expect(alice("export", digest, "-o", file("b.tar")).exit).toBe(2)

  expect(bob("verify", "--bundle", file("b.tar"))).toMatchObject({ exit: 1, json: { counts: { untrusted: 1 } } })
  const root = (alice("root").json as { own: { fingerprints: string[]; document: string } }).own
  writeFileSync(file("root.json"), root.document)
  expect(bob("verify", "--bundle", file("b.tar"), "--root", file("root.json"))).toMatchObject({ exit: 0, json: { counts: { trusted: 1 } } })
  expect(bob("import", file("b.tar")).exit).toBe(1)
  expect(bob("import", file("b.tar"), "--trust-root", "12").exit).toBe(2)
  expect(bob("import", file("b.tar"), "--dry-run", "--trust-root", root.fingerprints[0]!)).toMatchObject({
    exit: 0,
    json: { written: false }
  })
  expect(bob("lookup", "--task", "add two numbers", "--interface", "(int, int) -> int").exit).toBe(1)
  expect(bob("import", file("b.tar"), "--trust-root", root.fingerprints[0]!)).toMatchObject({
    exit: 0,
    json: { mappings: [{ written: true }] }
  })
  expect(bob("lookup", "--task", "add two numbers", "--interface", "(int, int) -> int", "--args", "[2 3]").exit).toBe(0)
  expect(bob("audit").exit).toBe(0)

  const bytes = readFileSync(file("b.tar"))
  bytes[bytes.length >> 1]! ^= 1
  writeFileSync(file("changed.tar"), bytes)
  expect(bob("import", file("changed.tar"))).toMatchObject({ exit: 3, json: { code: "bundle-refused" } })
})
