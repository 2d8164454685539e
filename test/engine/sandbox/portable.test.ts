import { execFileSync, spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { loadPinnedRuntime } from "../../../electron/engine/adapters/pinned-runtime.ts"
import { fuelExport, initExport } from "../../../electron/engine/core/admission.ts"
import { Code, i32, i64, op } from "../../../electron/engine/core/compiler/code.ts"
import { compile } from "../../../electron/engine/core/compiler/compile.ts"
import { ModuleBuilder } from "../../../electron/engine/core/compiler/encode.ts"

const runtime = loadPinnedRuntime()

/** Programs whose value is a small integer, with that value. */
const programs: readonly (readonly [source: string, value: bigint])[] = [
  ["(defn fib [n] (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2))))) (fib 20)", 6765n],
  ["(reduce + 0 (map (fn [x] (* x x)) (filter even? (range 0 1000))))", 166_167_000n],
  ['(try (/ 1 0) (catch e (count (getMessage e))) (finally (str "x")))', 16n],
  ["(defn down [n] (if (= n 0) (/ 1 n) (+ 1 (down (- n 1))))) (try (down 500) (catch e (count (getMessage e))))", 16n],
  ['(count (re-seq "[a-z]+" (serialize-json {"k" [1.5 "äb"] :m (str 2.0)})))', 3n]
]

/** A module without JavaScript that fuels the runtime and a Module `m`, runs its `main` and answers the value as an integer. */
function driver(): Uint8Array {
  const builder = new ModuleBuilder()
  const runtimeFuel = builder.importGlobal("rt", "fuel", i64, true)
  const ownFuel = builder.importGlobal("m", fuelExport, i64, true)
  const args = builder.importFunction("rt", "args", [i32], [i32])
  const vectorFrom = builder.importFunction("rt", "vectorFrom", [i32, i32], [i64])
  const unboxInt = builder.importFunction("rt", "unboxInt", [i64], [i64])
  const init = builder.importFunction("m", initExport, [], [])
  const main = builder.importFunction("m", "main", [i64], [i64])
  const run = builder.declare("run", [], [i64])
  const code = new Code(0)
  code.i64(1_000_000_000n).globalSet(runtimeFuel).i64(1_000_000_000n).globalSet(ownFuel)
  code.call(init).i32(0).call(args).i32(0).call(vectorFrom).call(main).call(unboxInt)
  code.op(op.return)
  builder.define(run, code)
  builder.exportFunction("run", run)
  return builder.encode()
}

function moduleOf(source: string): Uint8Array {
  const compiled = compile(source, { mode: "program", runtime: runtime.abi })
  if (compiled.kind === "rejected") throw new Error(compiled.diagnostics.map(one => one.message).join("; "))
  return compiled.bytes
}

describe("a Module and the pinned runtime need nothing but WebAssembly:", () => {
  test.each(programs)("%s in this engine", (source, value) => {
    const instantiate = (bytes: Uint8Array, imports: WebAssembly.Imports) =>
      new WebAssembly.Instance(new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>), imports).exports
    const rt = instantiate(runtime.bytes, {})
    const m = instantiate(moduleOf(source), { rt })
    expect((instantiate(driver(), { rt, m }).run as () => bigint)()).toBe(value)
  })

  const wasmtime = spawnSync("wasmtime", ["--version"], { encoding: "utf8" })
  const missing = wasmtime.status !== 0
  if (missing) console.warn("SKIPPED: no wasmtime on this machine, so the Modules ran in V8 only")
  test.skipIf(missing).each(programs)("%s in wasmtime", (source, value) => {
    const folder = mkdtempSync(join(tmpdir(), "portable-"))
    try {
      const file = (name: string, bytes: Uint8Array) => {
        writeFileSync(join(folder, name), bytes)
        return join(folder, name)
      }
      const preload = ["--preload", `rt=${file("rt.wasm", runtime.bytes)}`, "--preload", `m=${file("m.wasm", moduleOf(source))}`]
      const out = execFileSync(
        "wasmtime",
        ["run", "-W", "exceptions=y,tail-call=y", ...preload, "--invoke", "run", file("driver.wasm", driver())],
        { encoding: "utf8" }
      )
      expect(BigInt(out.trim())).toBe(value)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

test("both tiers of V8 give one value and one count of fuel", () => {
  const script = fileURLToPath(new URL("./tier-run.ts", import.meta.url))
  const runs = [["--liftoff-only"], ["--no-liftoff"], []].map(flags =>
    execFileSync(process.execPath, [...flags, script], { encoding: "utf8", env: {}, stdio: ["ignore", "pipe", "ignore"] })
  )
  expect(runs[0]).toMatch(/^(\S+ \d+\n){5}$/)
  expect(runs[1]).toBe(runs[0])
  expect(runs[2]).toBe(runs[0])
})
