/** `npm test`: sees to a browser, runs every suite and closes with one line, `N passed, M failed, K skipped`. */
import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { findChromium } from "./find-chromium.ts"

const top = fileURLToPath(new URL("../..", import.meta.url))

interface Totals {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

const none: Totals = { passed: 0, failed: 0, skipped: 0 }

function runTool(command: string, args: readonly string[], environment: Record<string, string> = {}): number {
  const { status, error } = spawnSync(command, args, {
    cwd: top,
    stdio: "inherit",
    env: { ...process.env, ...environment },
    shell: process.platform === "win32"
  })
  if (error) process.stderr.write(`${command}: ${error.message}\n`)
  return status ?? 1
}

/** A suite that ends without a report counts as one failure. */
function readReport(path: string, status: number, totalsOf: (report: unknown) => Totals): Totals {
  try {
    const totals = totalsOf(JSON.parse(readFileSync(path, "utf8")))
    return status !== 0 && totals.failed === 0 ? { ...totals, failed: 1 } : totals
  } catch {
    return { ...none, failed: 1 }
  }
}

function vitestTotals(report: unknown): Totals {
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, numFailedTestSuites, numTotalTests } = report as Record<
    string,
    number
  >
  const suites = numFailedTests === 0 ? (numFailedTestSuites ?? 0) : 0
  if (!numTotalTests) return { ...none, failed: 1 }
  return { passed: numPassedTests ?? 0, failed: (numFailedTests ?? 0) + suites, skipped: (numPendingTests ?? 0) + (numTodoTests ?? 0) }
}

function playwrightTotals(report: unknown): Totals {
  const { stats, errors } = report as { stats: { expected: number; unexpected: number; flaky: number; skipped: number }; errors: unknown[] }
  return {
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky + (errors.length > 0 && stats.unexpected === 0 ? 1 : 0),
    skipped: stats.skipped
  }
}

function main(): number {
  const chromium = findChromium({ install: true })
  process.stdout.write(`browser: ${chromium.path} (${chromium.how})\n`)
  const reports = mkdtempSync(join(tmpdir(), "l4-test-"))
  try {
    const unitReport = join(reports, "vitest.json")
    const unit = runTool("vitest", ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${unitReport}`], {
      CHROMIUM: chromium.path
    })
    const totals = [readReport(unitReport, unit, vitestTotals)]
    const built = runTool("electron-vite", ["build", "--logLevel", "warn"])
    if (built !== 0) totals.push({ ...none, failed: 1 })
    else {
      const windowReport = join(reports, "playwright.json")
      const status = runTool("playwright", ["test", "--reporter=list,json"], {
        CHROMIUM: chromium.path,
        PLAYWRIGHT_JSON_OUTPUT_FILE: windowReport
      })
      totals.push(readReport(windowReport, status, playwrightTotals))
    }
    const sum = totals.reduce((a, b) => ({ passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped }))
    process.stdout.write(`${sum.passed} passed, ${sum.failed} failed${sum.skipped > 0 ? `, ${sum.skipped} skipped` : ""}\n`)
    return sum.failed === 0 && sum.passed > 0 ? 0 : 1
  } finally {
    rmSync(reports, { recursive: true, force: true })
  }
}

try {
  process.exitCode = main()
} catch (failure) {
  process.stderr.write(`${failure instanceof Error ? failure.message : String(failure)}\n`)
  process.exitCode = 1
}
