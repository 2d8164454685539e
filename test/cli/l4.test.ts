/** The command line as a person or a script meets it: real processes, a real store, exit codes and JSON. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

const program = fileURLToPath(new URL("../../electron/cli/l4.mjs", import.meta.url))
const folder = mkdtempSync(join(tmpdir(), "l4-cli-"))
const home = join(folder, "home")
const passphrase = "a passphrase for this test"

interface Ran {
  readonly exit: number | null
  readonly out: string
  readonly err: string
  /** The last line of stdout as JSON. */
  readonly json: never
}

function l4(
  words: readonly string[],
  options: { readonly input?: string; readonly home?: string; readonly passphrase?: string | null } = {}
): Ran {
  const secret = options.passphrase === undefined ? passphrase : options.passphrase
  const environment = { ...process.env, L4_HOME: options.home ?? home, ...(secret === null ? {} : { L4_PASSPHRASE: secret }) }
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words], {
    env: environment,
    input: options.input ?? "",
    encoding: "utf8",
    timeout: 120_000
  })
  const last = stdout.trimEnd().split("\n").at(-1) ?? ""
  return {
    exit: status,
    out: stdout,
    err: stderr,
    get json() {
      return JSON.parse(last) as never
    }
  }
}

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

const double = "; twice a number\n(defn double [n :int] :int (* 2 n))\n"
const type = "(:int) -> :int"
const task = "Double a whole number"

beforeAll(() => {
  const made = l4(["init", "--owner", "tester", "--json"])
  expect(made.err).not.toContain("internal")
  expect(made.exit).toBe(0)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe("l4 without a store", () => {
  it("evaluates a Source from standard input in both engines", () => {
    for (const engine of ["wasm", "interpreter"]) {
      const ran = l4(["eval", "--engine", engine], { input: "(map inc [1 2 3])" })
      expect([ran.exit, ran.out]).toEqual([0, "[2 3 4]\n"])
    }
  })

  it("answers cases one by one, whatever happens to each", () => {
    const cases = file(
      "cases.json",
      JSON.stringify([
        { id: "a", src: "(+ 1 2)" },
        { id: "b", src: "(/ 1 0)" },
        { id: 3, src: "(call :clock)" },
        { id: "d", src: "(((" },
        { id: "e", src: "((fn [n] (nth [n] 5)) 1)" }
      ])
    )
    for (const engine of ["wasm", "interpreter"]) {
      expect(l4(["eval", "--cases", cases, "--engine", engine]).json).toMatchObject([
        { id: "a", value: "3" },
        { id: "b", error: "division-by-zero", message: "Division by zero" },
        { id: 3, outcome: "needs-host" },
        { id: "d", error: "parse-error" },
        { id: "e", error: "index-out-of-bounds" }
      ])
    }
  })

  it("compiles the same Source to the same Digest and states the Interface", () => {
    const path = file("double.rtfs", double)
    const first = l4(["compile", path, "--json"])
    expect(first.exit).toBe(0)
    expect(first.json).toMatchObject({ interface: "(interface 1 [:fn [:int] :int] [])", entry: "double" })
    expect((l4(["compile", path, "--json"]).json as { digest: string }).digest).toBe((first.json as { digest: string }).digest)
  })

  it("shows where a malformed Source is wrong, what was expected, and a caret", () => {
    const ran = l4(["compile", file("broken.rtfs", "(defn f [n :int]\n  (+ n 1)")])
    expect(ran.exit).toBe(1)
    expect(ran.err).toMatch(/broken\.rtfs:\d+:\d+: error parse-error/)
    expect(ran.err).toContain("expected")
    expect(ran.err).toMatch(/^\s+\^/m)
  })
})

describe("a Source that is no text", () => {
  it("is refused with its position, by every command that reads one", () => {
    const path = join(folder, "bytes.rtfs")
    writeFileSync(path, Buffer.from([40, 43, 32, 49, 10, 32, 0xff, 41]))
    for (const words of [
      ["compile", path],
      ["eval", path],
      ["publish", path, "--task", "x"]
    ]) {
      const ran = l4([...words, "--json"])
      expect([ran.exit, ran.json]).toMatchObject([
        1,
        { kind: "rejected", diagnostics: [{ category: "parse-error", span: { line: 2, column: 2 }, found: "byte 0xff" }] }
      ])
    }
  })
})

describe("a task's way through the cache", () => {
  let digest = ""

  it("misses, is published as Pending, is not served, is signed off and then runs", () => {
    const ask = ["lookup", "--task", task, "--interface", type, "--args", "[21]", "--json"]
    const miss = l4(ask)
    expect([miss.exit, miss.json]).toMatchObject([1, { kind: "miss", reason: "no-such-interface" }])

    const published = l4([
      "publish",
      file("double.rtfs", double),
      "--task",
      task,
      "--examples",
      file("double.json", JSON.stringify({ task, examples: [{ args: "[2]", result: "4" }] })),
      "--json"
    ])
    expect([published.exit, published.json]).toMatchObject([0, { verdict: "pending" }])
    digest = (published.json as { digest: string }).digest

    const pending = l4(ask)
    expect([pending.exit, pending.json]).toMatchObject([1, { kind: "miss", reason: "untrusted" }])
    expect(l4(["run", digest, "--args", "[21]", "--json"]).exit).toBe(1)
    expect(l4(["run", digest, "--args", "[21]", "--review", "--json"]).json).toMatchObject({
      outcome: { kind: "returned", value: "42" },
      review: true
    })

    expect(l4(["sign-off", digest, "--approve", "--note", "read it", "--json"]).json).toMatchObject({ verdict: "trusted" })
    const hit = l4(ask)
    expect([hit.exit, hit.json]).toMatchObject([
      0,
      { kind: "hit", digest, tier: "exact-text", verdict: "trusted", outcome: { kind: "returned", value: "42" } }
    ])
    const verdict = l4(["verify", digest.slice(0, 20), "--json"])
    expect([verdict.exit, (verdict.json as { state: string; rules: unknown[] }).state]).toEqual([0, "trusted"])
  })

  it("finds it by its words, lists it, shows its Source and counts its hits", () => {
    expect(l4(["find", "double", "a", "number", "--json"]).json).toMatchObject([{ digest, task, verdict: "trusted" }])
    expect(l4(["list", "--json"]).json).toMatchObject([{ digest }])
    expect(l4(["show", digest, "--json"]).json).toMatchObject({ digest, source: double })
    expect(l4(["stats", "--json"]).json).toMatchObject({ mappings: 1, lookups: { hits: 1 } })
    const audit = l4(["audit", "--json"])
    expect([audit.exit, audit.json]).toMatchObject([0, { findings: [] }])
  })

  it("ends as the Run ends: wrong kinds and counts of arguments are failures of the Run", () => {
    const wrongKind = l4(["run", digest, "--args", '["x"]', "--json"])
    expect([wrongKind.exit, wrongKind.json]).toMatchObject([1, { outcome: { kind: "failed", category: "type-validation" } }])
    const wrongCount = l4(["run", digest, "--args", "[1 2]", "--json"])
    expect([wrongCount.exit, wrongCount.json]).toMatchObject([1, { outcome: { kind: "failed", category: "arity-mismatch" } }])
  })

  it("writes nothing where an Example fails", () => {
    const before = (l4(["stats", "--json"]).json as { ledgerRecords: number }).ledgerRecords
    const ran = l4([
      "publish",
      file("triple.rtfs", "(defn triple [n :int] :int (* 3 n))"),
      "--task",
      "Triple",
      "--examples",
      file("bad.json", '[{"args":"[2]","result":"7"}]'),
      "--json"
    ])
    expect(ran.exit).toBe(1)
    expect(ran.err).toContain("example 1: [2] expected 7, found 6")
    expect((l4(["stats", "--json"]).json as { ledgerRecords: number }).ledgerRecords).toBe(before)
  })
})

describe("bad input", () => {
  it.each([
    ["no command", [], 2],
    ["an unknown command", ["fly"], 2],
    ["an unknown option", ["list", "--fast"], 2],
    ["a missing positional", ["run"], 2],
    ["neither approve nor reject", ["sign-off", "abcd", "--note", "x"], 2],
    ["a malformed TYPE", ["lookup", "--task", "x", "--interface", "(:int ->"], 2],
    ["arguments that are no vector", ["lookup", "--task", task, "--interface", type, "--args", "21"], 2],
    ["a Digest nobody has", ["show", "0000000000000000"], 1],
    ["a file that is not there", ["compile", join(folder, "absent.rtfs")], 2]
  ])("is told apart by its exit code: %s", (_, words, exit) => {
    const ran = l4(words)
    expect([ran.exit, ran.err.length > 0]).toEqual([exit, true])
    expect(ran.err).not.toContain("internal")
  })

  it("refuses a wrong passphrase and leaves the store as it was", () => {
    const before = readdirSync(join(home, "keys")).map(name => readFileSync(join(home, "keys", name), "utf8"))
    const ran = l4(["publish", file("double.rtfs", double), "--task", "Double again"], { passphrase: "wrong" })
    expect([ran.exit, ran.err]).toEqual([1, expect.stringContaining("wrong-passphrase")])
    expect(readdirSync(join(home, "keys")).map(name => readFileSync(join(home, "keys", name), "utf8"))).toEqual(before)
  })

  it("needs the passphrase to sign and says so", () => {
    const ran = l4(["publish", file("double.rtfs", double), "--task", "Double again"], { passphrase: null })
    expect([ran.exit, ran.err]).toEqual([1, expect.stringContaining("keys-locked")])
  })

  it("refuses to make a store where one is", () => {
    expect(l4(["init"])).toMatchObject({ exit: 3, err: expect.stringContaining("store-exists") })
  })

  it("refuses a store of a newer format and touches nothing", () => {
    const store = join(folder, "newer")
    mkdirSync(store)
    writeFileSync(join(store, "FORMAT.json"), '{"layout": 99}')
    expect(l4(["list", "--store", store])).toMatchObject({ exit: 3, err: expect.stringContaining("store-newer-format") })
    expect(readdirSync(store)).toEqual(["FORMAT.json"])
  })

  it("says where there is no store", () => {
    expect(l4(["list", "--store", join(folder, "nowhere")])).toMatchObject({ exit: 3, err: expect.stringContaining("store-missing") })
  })

  it("tells a second process that would write who holds the store, and lets it read", async () => {
    const holder: ChildProcess = spawn(process.execPath, ["--input-type=module", "-e", holdStore()], {
      env: { ...process.env, L4_HOME: home },
      stdio: ["ignore", "pipe", "inherit"]
    })
    try {
      await new Promise(resolve => holder.stdout!.once("data", resolve))
      expect(l4(["policy", "set", "team"])).toMatchObject({
        exit: 3,
        err: expect.stringMatching(new RegExp(`store-locked.*${holder.pid}`))
      })
      expect(l4(["list"])).toMatchObject({ exit: 0 })
    } finally {
      holder.kill()
    }
  })
})

function holdStore(): string {
  const face = new URL("../../electron/engine/index.ts", import.meta.url).href
  return `const { openEngine, dataFolder, forkLaunch } = await import(${JSON.stringify(face)}); await openEngine({ ...dataFolder({}, process.env), launch: forkLaunch }); console.log("held"); setInterval(() => {}, 1000)`
}
