/** Commands about the store itself: init, audit, gc, evict, stats. */
import type { AuditFinding } from "../../../shared/engine-contract.ts"
import { EngineFailure } from "../../../shared/failure.ts"
import { forkLaunch, initStore, openEngine, publishStartingLibrary } from "../../engine/index.ts"
import { exitCodes } from "../exit-code.ts"
import { expectPositionals, expectText } from "../options.ts"
import { underway } from "../progress.ts"
import { plain } from "../show.ts"
import { type Answer, type Command, mappingChoice, mappingOptions } from "./command.ts"

export const storeCommands: Readonly<Record<string, Command>> = {
  init: {
    usage: "init [--with-library] [--owner NAME]",
    options: { "with-library": "flag", owner: "text" },
    async run(words, session): Promise<Answer> {
      expectPositionals(words, [])
      const passphrase = await session.passphrase("New passphrase (empty for unprotected keys): ")
      const owner = words.text("owner")
      const protection = passphrase === null || passphrase === "" ? {} : { passphrase }
      const made = await initStore({ store: session.store, home: session.home, ...protection, ...(owner === undefined ? {} : { owner }) })
      for (const warning of made.warnings) process.stderr.write(`l4: ${plain(warning)}\n`)
      const library = words.flag("with-library") ? await fillLibrary(session.store, session.home, passphrase) : 0
      const value = {
        store: session.store,
        root: made.root,
        origin: made.origin,
        preset: made.preset,
        protected: "passphrase" in protection,
        library
      }
      const text = [
        `store    ${session.store}`,
        `root     ${made.root.id} (version ${made.root.version}, expires ${made.root.expires})`,
        `ledger   ${made.origin}`,
        `policy   ${made.preset}: one reviewer, who may be the publisher`,
        ...(words.flag("with-library") ? [`library  ${library} modules, accepted at first start, no person reviewed them`] : [])
      ]
      return { exit: exitCodes.done, value, text: text.join("\n") }
    }
  },
  audit: {
    usage: "audit [--repair]",
    options: { repair: "flag" },
    reads: words => !words.flag("repair"),
    async run(words, session): Promise<Answer> {
      expectPositionals(words, [])
      const engine = await session.engine()
      const report = await underway(context => engine.audit({ repair: words.flag("repair") }, context))
      const left = report.findings.filter(finding => !finding.repaired && finding.harmless !== true)
      const text = [
        ...Object.entries(report.checked).map(([what, count]) => `${String(count).padStart(8)} ${what}`),
        ...report.findings.map(
          finding =>
            `${wordOf(finding)} ${finding.code} ${plain(finding.subject)}: ${plain(finding.message)}${finding.repaired ? "" : ` (${plain(finding.remedy)})`}`
        ),
        left.length === 0 ? "nothing to mend" : `${left.length} findings left`
      ]
      return { exit: left.length === 0 ? exitCodes.done : exitCodes.negative, value: report, text: text.join("\n") }
    }
  },
  gc: {
    usage: "gc [--dry-run] [--older-than HOURS]",
    options: { "dry-run": "flag", "older-than": "text" },
    reads: words => words.flag("dry-run"),
    async run(words, session): Promise<Answer> {
      expectPositionals(words, [])
      const olderThanHours = words.number("older-than", 0, 87_600)
      const engine = await session.engine()
      const dryRun = words.flag("dry-run")
      const swept = await underway(context => engine.gc({ dryRun, ...(olderThanHours === undefined ? {} : { olderThanHours }) }, context))
      const text = [
        `blobs     ${swept.blobs} (${swept.bytes} bytes)`,
        `${dryRun ? "would go " : "removed  "} ${swept.removedBlobs} that no record names (${swept.removedBytes} bytes), ${swept.temporary} unfinished files`,
        `kept      ${swept.youngBlobs} that no record names yet and that are too young (${swept.youngBytes} bytes)`,
        ...swept.removed.slice(0, 20).map(blob => `  ${blob.digest}  ${blob.bytes}`),
        ...(swept.removedBlobs > 20 ? [`  … and ${swept.removedBlobs - 20} more`] : []),
        ...swept.tables.map(what => `tables    ${what}`)
      ]
      return { exit: exitCodes.done, value: swept, text: text.join("\n") }
    }
  },
  evict: {
    usage: "evict DIGEST --reason WORDS [--task WORDS | --mapping DIGEST] [--blobs]",
    options: { reason: "text", blobs: "flag", ...mappingOptions },
    async run(words, session): Promise<Answer> {
      const [digest] = expectPositionals(words, ["DIGEST"])
      const reason = expectText(words, "reason")
      const engine = await session.engine()
      const answer = await underway(context =>
        engine.evict({ digest, reason, blobs: words.flag("blobs"), ...mappingChoice(words) }, context)
      )
      const text = [
        `evicted  ${answer.mapping} (record ${answer.sequence}); publishing it again brings it back`,
        ...answer.removed.map(blob => `removed  ${blob}`)
      ]
      return { exit: exitCodes.done, value: answer, text: text.join("\n") }
    }
  },
  stats: {
    reads: true,
    usage: "stats",
    options: {},
    async run(words, session): Promise<Answer> {
      expectPositionals(words, [])
      const engine = await session.engine()
      const usage = await engine.usage({})
      const misses = Object.entries(usage.lookups.misses).map(([reason, count]) => `${reason} ${count}`)
      const text = [
        `mappings  ${usage.mappings} (${usage.trusted} trusted, ${usage.pending} pending, ${usage.untrusted} untrusted), modules ${usage.modules}`,
        `ledger    ${usage.ledgerRecords} records`,
        `bytes     ${Object.entries(usage.bytes)
          .map(([what, count]) => `${what} ${count}`)
          .join(", ")}`,
        `lookups   ${usage.lookups.hits} hits${misses.length === 0 ? "" : `; misses: ${misses.join(", ")}`}`,
        `latency   p50 ${usage.lookups.totalUs.p50.toFixed(0)} µs, p95 ${usage.lookups.totalUs.p95.toFixed(0)} µs, p99 ${usage.lookups.totalUs.p99.toFixed(0)} µs (n = ${usage.lookups.totalUs.n})`,
        ...usage.mostUsed.map(used => `  ${String(used.hits).padStart(6)}  ${plain(used.task)}`)
      ]
      return { exit: exitCodes.done, value: usage, text: text.join("\n") }
    }
  }
}

function wordOf(finding: AuditFinding): string {
  if (finding.harmless === true) return "note"
  return finding.repaired ? "repaired" : "FOUND"
}

async function fillLibrary(store: string, home: string, passphrase: string | null): Promise<number> {
  const engine = await openEngine({ store, home, launch: forkLaunch })
  try {
    if (passphrase !== null && passphrase !== "") await engine.unlock({ passphrase })
    const { published, failed } = await publishStartingLibrary(engine, progress => {
      if (process.stderr.isTTY) process.stderr.write(`\r${progress.done}/${progress.total ?? "?"} ${progress.step}\u001b[K`)
    })
    if (process.stderr.isTTY) process.stderr.write("\r\u001b[K")
    if (failed.length > 0)
      throw new EngineFailure(
        "internal",
        `the library's modules ${failed.map(item => `${item.name} (${item.why})`).join(", ")} could not be published`
      )
    return published
  } finally {
    await engine.close()
  }
}
