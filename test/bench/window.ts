/**
 * The window over a real engine in Chromium: start to usable, typing to results, scrolling, memory, with few and with many Mappings.
 * `--modules N` (default 100000) is the larger store; the smaller has 1,000. Needs a build: `npm run build`.
 */
import type { ChildProcess } from "node:child_process"
import { spawn } from "node:child_process"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { fileURLToPath } from "node:url"
import type { Browser, Page } from "@playwright/test"
import { chromium } from "@playwright/test"
import { randomOf } from "../engine/vectors.ts"
import { findChromium } from "../tools/find-chromium.ts"
import { makeData, makeStore, writeLedger } from "./_lookup-data.ts"
import type { BenchRow } from "./bench.ts"

const program = fileURLToPath(new URL("../../out/main/web.js", import.meta.url))
const few = 1_000
const starts = 5
const typed = ["count the words of a text", "greatest common divisor", "is a text a palindrome", "sort numbers", "sum of a list"]
const scrollMs = 3_000

export async function rows(options: ReadonlyMap<string, string>): Promise<readonly BenchRow[]> {
  const many = Number(options.get("modules") ?? 100_000)
  if (!Number.isInteger(many) || many < few || many > 1_000_000) throw new Error(`expected --modules between ${few} and 1000000`)
  if (!fs.existsSync(program)) throw new Error("expected the built window: npm run build makes it")
  const browser = await chromium.launch({ executablePath: findChromium({ install: false }).path, args: ["--no-sandbox", "--disable-gpu"] })
  try {
    return [...(await measured(few, browser)), ...(await measured(many, browser))]
  } finally {
    await browser.close()
  }
}

async function measured(modules: number, browser: Browser): Promise<BenchRow[]> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "l4-window-bench-"))
  const places = { store: path.join(folder, "store"), home: path.join(folder, "home") }
  let child: ChildProcess | null = null
  try {
    const tasks = await makeStore(places)
    const ledger = await writeLedger(path.join(places.store, "ledger"), makeData(modules - tasks.length, randomOf(11)))
    await ledger.close()
    const host = await start(places)
    child = host.child
    const opened: number[] = []
    let page: Page | null = null
    for (let at = 0; at < starts; at++) {
      await page?.close()
      page = await browser.newPage({ viewport: { width: 1_280, height: 800 } })
      const startMs = performance.now()
      await page.goto(host.url)
      await page.getByRole("option").first().waitFor()
      opened.push(performance.now() - startMs)
    }
    const window = page as Page
    await window
      .getByRole("button", { name: "Skip the tour" })
      .click()
      .catch(() => {})
    const answered = await typing(window)
    const frames = await scrolling(window)
    return [
      row(`start to the first rows, ${modules} Mappings`, opened, "ms", "under 1,500 ms", 1_500),
      row(`typing to results, ${modules} Mappings`, answered, "ms", "under 150 ms", 150),
      row(`frames while scrolling, ${modules} Mappings`, frames, "ms", null, Number.NaN),
      row(`memory of engine and host, ${modules} Mappings`, [residentMiB(child)], "MiB", null, Number.NaN),
      row(`heap of the window, ${modules} Mappings`, [await heapMiB(window)], "MiB", null, Number.NaN)
    ]
  } finally {
    child?.kill("SIGTERM")
    await new Promise(resolve => setTimeout(resolve, 500))
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

function row(name: string, values: readonly number[], unit: string, target: string | null, most: number): BenchRow {
  const sorted = values.toSorted((left, right) => left - right)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
  const p50 = at(0.5)
  return { name, n: sorted.length, p50, p99: at(0.99), unit, peers: {}, ratio: null, target, met: target === null ? null : p50 < most }
}

function start({ store, home }: { readonly store: string; readonly home: string }): Promise<{ url: string; child: ChildProcess }> {
  const { PATH = "", HOME = "" } = process.env
  const child = spawn(process.execPath, [program, "--no-open", "--store", store, "--home", home], { env: { PATH, HOME } })
  return new Promise((resolve, reject) => {
    let output = ""
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (bytes: Buffer) => {
        output += bytes.toString("utf8")
        const line = /^Workbench: (\S+)$/m.exec(output)
        if (line !== null) resolve({ url: line[1] as string, child })
      })
    child.once("exit", code => reject(new Error(`the web host ended with ${code}: ${output}`)))
  })
}

/** From the last letter until the first row of the answer is another one; the pause before asking is part of it. */
async function typing(page: Page): Promise<number[]> {
  const times: number[] = []
  const box = page.getByRole("searchbox")
  for (const words of typed) {
    await box.fill("")
    await page.getByText("newest first", { exact: false }).waitFor()
    await box.pressSequentially(words.slice(0, -1), { delay: 20 })
    await page.waitForTimeout(1_000)
    const startMs = performance.now()
    await box.press("End")
    await page.keyboard.type(words.slice(-1))
    await page.waitForFunction(asked => decodeURIComponent(location.hash.replaceAll("+", " ")).includes(asked), words)
    await page.getByText(/best/, { exact: false }).first().waitFor()
    times.push(performance.now() - startMs)
  }
  await box.fill("")
  await page.getByText("newest first", { exact: false }).waitFor()
  return times
}

/** Times between frames while the list is scrolled all the time. */
function scrolling(page: Page): Promise<number[]> {
  return page.getByRole("listbox", { name: "Results" }).evaluate(
    (list, forMs) =>
      new Promise<number[]>(resolve => {
        const frames: number[] = []
        const beginMs = performance.now()
        let beforeMs = beginMs
        const step = (nowMs: number) => {
          frames.push(nowMs - beforeMs)
          beforeMs = nowMs
          list.scrollTop += 400
          if (nowMs - beginMs < forMs) requestAnimationFrame(step)
          else resolve(frames.slice(1))
        }
        requestAnimationFrame(step)
      }),
    scrollMs
  )
}

/** The host's own process and those it started. */
function residentMiB(child: ChildProcess): number {
  const pids = [child.pid as number, ...childrenOf(child.pid as number)]
  const pages = pids.map(pid => Number(fs.readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]))
  return (pages.reduce((sum, count) => sum + count, 0) * 4_096) / 1_048_576
}

function childrenOf(pid: number): number[] {
  const found = fs.readdirSync("/proc").filter(name => /^\d+$/.test(name))
  return found.map(Number).filter(candidate => {
    try {
      return Number(fs.readFileSync(`/proc/${candidate}/stat`, "utf8").split(") ")[1]?.split(" ")[1]) === pid
    } catch {
      return false
    }
  })
}

async function heapMiB(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page)
  await session.send("HeapProfiler.collectGarbage")
  const { usedSize } = await session.send("Runtime.getHeapUsage")
  return usedSize / 1_048_576
}
