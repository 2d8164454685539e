/** Export, import and verify as two people at two machines meet them: real processes, real stores, exit codes. */
import { spawn, spawnSync } from "node:child_process"
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"
import { createBundleFiles } from "../../electron/engine/adapters/bundle-reader.ts"
import { artifactManifestBytes, emptyBytes, indexPieces, mediaTypes } from "../../electron/engine/core/oci.ts"
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

  // a stranger without store, home or keys
  const stranger = person(folder, "nobody")
  expect(stranger("verify", "--bundle", file("b.tar"), "--root", file("root.json")).exit).toBe(0)
  expect(existsSync(join(folder, "nobody"))).toBe(false)
  expect(stranger("verify", "--bundle", file("absent.tar"))).toMatchObject({ exit: 3, json: { code: "bundle-refused" } })
  expect(stranger("verify", "--bundle", file("b.tar"), "--root", file("add.rtfs")).exit).toBe(2)

  const { origin, size } = (exported.json as { checkpoint: { origin: string; size: number } }).checkpoint
  writeFileSync(file("note"), (alice("ledger", "--limit", "1").json as { checkpoint: string }).checkpoint)
  expect(readFileSync(file("note"), "utf8").split("\n").slice(0, 2)).toEqual([origin, String(size)])
  expect(alice("export", "--since", file("note"), "-o", file("since.tar"))).toMatchObject({ exit: 1, json: { code: "unknown-digest" } })
  alice("sign-off", digest, "--approve", "--note", "read again")
  const since = alice("export", "--since", file("note"), "-o", file("since.tar"), "--progress")
  expect(since).toMatchObject({ exit: 0, json: { mappings: 1 }, err: expect.stringContaining("write the Modules: 1 of 1") })
  expect(bob("export", "--since", file("note"), "-o", file("other.tar")).exit).toBe(2)
  expect(alice("export", "--all", "-o", file("volume.tar"), "--volume-modules", "0").exit).toBe(2)

  const bytes = readFileSync(file("b.tar"))
  bytes[bytes.length >> 1]! ^= 1
  writeFileSync(file("changed.tar"), bytes)
  expect(bob("import", file("changed.tar"))).toMatchObject({ exit: 3, json: { code: "bundle-refused" } })
})

it("ends in words and leaves nothing behind when it is interrupted", async () => {
  const folder = scratchFolder()
  const place = join(folder, "many.tar")
  const sink = createBundleFiles().create(place)
  sink.put(emptyBytes)
  const index = Array.from({ length: 20_000 }, (_, at) => {
    const layer = { mediaType: "text/plain", ...sink.put(Buffer.from(String(at))) }
    return { mediaType: mediaTypes.manifest, ...sink.put(artifactManifestBytes("x/y", [layer], null)) }
  })
  await sink.finish(indexPieces(index))
  const child = spawn(process.execPath, [program, "verify", "--bundle", place, "--progress", "--json"], {
    env: { ...process.env, L4_HOME: join(folder, "home") }
  })
  let [out, err] = ["", ""]
  child.stdout.on("data", data => void (out += String(data)))
  child.stderr.on("data", data => {
    if (err === "") child.kill("SIGINT")
    err += String(data)
  })
  const exit = await new Promise(resolve => child.once("close", resolve))
  expect(err).toMatch(/^read the manifests: 1024/)
  expect({ exit, answer: JSON.parse(out.trimEnd().split("\n").at(-1) ?? "") as unknown }).toMatchObject({
    exit: 1,
    answer: { kind: "failure", code: "cancelled" }
  })
  expect(readdirSync(folder)).toEqual(["many.tar"])
}, 60_000)
