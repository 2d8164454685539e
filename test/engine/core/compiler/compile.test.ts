import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { afterAll, describe, expect, test } from "vitest"
import wabt from "wabt"
import { forkLaunch } from "../../../../electron/engine/adapters/child-process.ts"
import { openInterpreter } from "../../../../electron/engine/adapters/interpreter-line.ts"
import { loadPinnedRuntime } from "../../../../electron/engine/adapters/pinned-runtime.ts"
import { openWorkerSandbox } from "../../../../electron/engine/adapters/worker-sandbox.ts"
import { admit } from "../../../../electron/engine/core/admission.ts"
import type { Compiled } from "../../../../electron/engine/core/compiler/compile.ts"
import { compile, compilerVersion } from "../../../../electron/engine/core/compiler/compile.ts"
import { walk } from "../../../../electron/engine/core/wasm-walk.ts"
import { watOf } from "../../../../electron/engine/core/wat.ts"
import { evaluate } from "../../../../electron/engine/evaluate.ts"

const runtime = loadPinnedRuntime()
const interpret = openInterpreter(forkLaunch)
const sandbox = openWorkerSandbox({ launch: forkLaunch })
const golden = fileURLToPath(new URL("../../../golden/back/", import.meta.url))
const regressions = fileURLToPath(new URL("../../../golden/regressions/", import.meta.url))

afterAll(() => sandbox.close())

function compiled(source: string, mode: "module" | "program" = "program"): Compiled {
  const answer = compile(source, { mode, runtime: runtime.abi })
  if (answer.kind === "rejected") throw new Error(answer.diagnostics.map(one => one.message).join("; "))
  return answer
}

/** The text of a Module without its custom sections, whose Digests follow the runtime and the Source. */
function textOf(bytes: Uint8Array): string {
  const walked = walk(bytes)
  if (walked.kind === "rejected") throw new Error(walked.detail)
  const first = walked.shape.sections.find((section, index) => section.id === 0 && index > 0)
  const text = watOf(bytes.slice(0, first?.start ?? bytes.length))
  if (text.kind !== "text") throw new Error(JSON.stringify(text))
  return text.text
}

async function endOf(source: string, engine: "wasm" | "interpreter"): Promise<string> {
  const outcome = await evaluate({ source, engine }, { runtime, sandbox, interpret })
  if (outcome.kind === "returned") return `returned ${outcome.value}`
  if (outcome.kind === "failed") return `failed ${outcome.category}`
  return outcome.kind === "needs-host" ? `needs-host ${outcome.capability} ${outcome.arguments}` : outcome.kind
}

describe("golden text of", () => {
  const names = readdirSync(golden).filter(name => name.endsWith(".rtfs"))
  test.each(names)("%s", async name => {
    const source = readFileSync(`${golden}${name}`, "utf8")
    const found = `;; ${await endOf(source, "wasm")}\n${textOf(compiled(source).bytes)}`
    const file = `${golden}${name.replace(".rtfs", ".wat")}`
    if (process.env.UPDATE_GOLDEN === "1") writeFileSync(file, found)
    expect(found).toBe(readFileSync(file, "utf8"))
  })
})

describe("what once differed between the engines agrees:", () => {
  const names = existsSync(regressions) ? readdirSync(regressions).filter(name => name.endsWith(".rtfs")) : []
  test.each(names)("%s", async name => {
    const source = readFileSync(`${regressions}${name}`, "utf8")
    expect(await endOf(source, "wasm")).toBe(await endOf(source, "interpreter"))
  })
})

describe("the bytes of a Module", () => {
  const source = "(defn f [x & r] (map (fn [y] (str x y {:a 1.5})) r)) (f 1 2 3)"

  test("are the same every time", () => {
    expect(compiled(source).digest).toBe(compiled(source).digest)
  })

  test("end with the custom sections, in their order", () => {
    const module = new WebAssembly.Module(compiled(source).bytes as Uint8Array<ArrayBuffer>)
    const text = (name: string) => new TextDecoder().decode(WebAssembly.Module.customSections(module, name)[0])
    const names = ["rtfs.abi", "rtfs.iface", "rtfs.caps", "rtfs.deps", "rtfs.map", "rtfs.src", "name"]
    for (const name of names) expect(WebAssembly.Module.customSections(module, name)).toHaveLength(1)
    const whole = new TextDecoder("latin1").decode(compiled(source).bytes)
    const places = names.slice(0, -1).map(name => whole.indexOf(name))
    expect(places).toEqual(places.toSorted((left, right) => left - right))
    expect(JSON.parse(text("rtfs.abi"))).toEqual({
      abi: runtime.abi.abi,
      compiler: compilerVersion,
      features: "baseline-1",
      runtime: runtime.digest
    })
    expect(JSON.parse(text("rtfs.caps"))).toEqual([])
    expect(text("rtfs.src")).toBe(compiled(source).sourceDigest)
  })

  test("follow the text, their identity hash only the program", () => {
    const commented = compiled(`; a comment\n${source.replace("(fn", "(λ")}`)
    expect(commented.digest).not.toBe(compiled(source).digest)
    expect(commented.identityHash).toBe(compiled(source).identityHash)
    expect(compiled(source.replace("1.5", "2.5")).identityHash).not.toBe(compiled(source).identityHash)
  })

  test("are admitted against the runtime, and small", () => {
    const { shape } = walk(runtime.bytes) as Extract<ReturnType<typeof walk>, { kind: "walked" }>
    const fib = compiled("(defn fib [n] (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))", "module")
    expect(admit(fib.bytes, shape)).toMatchObject({ kind: "admitted", profile: "linked" })
    expect(fib.bytes.length).toBeLessThanOrEqual(1_500)
  })

  test("name host.call exactly when the Source can reach the host, proved unreachable or not", () => {
    const imports = (text: string) =>
      WebAssembly.Module.imports(new WebAssembly.Module(compiled(text).bytes as Uint8Array<ArrayBuffer>)).map(one => one.module)
    expect(imports("(+ 1 2)")).not.toContain("host")
    expect(imports("(if false (call :a 1) 2)")).toContain("host")
  })
})

test("every conformance case compiles to a module that V8 and wabt accept", async () => {
  const tool = await wabt()
  const cases = JSON.parse(readFileSync(fileURLToPath(new URL("../../../conformance/rtfs-public.json", import.meta.url)), "utf8")) as {
    id: string
    src: string
  }[]
  const refused: string[] = []
  for (const one of cases) {
    const answer = compile(one.src, { mode: "program", runtime: runtime.abi })
    if (answer.kind === "rejected") continue
    if (!WebAssembly.validate(answer.bytes as Uint8Array<ArrayBuffer>)) refused.push(`V8 ${one.id}`)
    try {
      const module = tool.readWasm(answer.bytes, { exceptions: true, tail_call: true, bulk_memory: true, reference_types: true })
      module.validate()
      module.destroy()
    } catch (fault) {
      refused.push(`wabt ${one.id}: ${String(fault).slice(0, 200)}`)
    }
  }
  expect(refused).toEqual([])
})

test("a Module beyond the limits is refused with the limit", () => {
  const answer = compile(Array.from({ length: 2_100 }, (_, index) => `(defn f${index} [x] (f${index} (f${index} x)))`).join("\n"), {
    runtime: runtime.abi
  })
  expect(answer).toMatchObject({ kind: "rejected", diagnostics: [{ severity: "error", category: "module-error" }] })
})
