/** One step of the Bundle bench in a process of its own, so that its peak of memory is its own: `node _bundle-step.ts STEP JSON`. */
import fs from "node:fs"
import { forkLaunch, initStore, openEngine, openWorkshop } from "../../electron/engine/index.ts"
import type { CallContext } from "../../shared/engine-contract.ts"

export interface StepInput {
  readonly store: string
  readonly home: string
  readonly bundle: string
  readonly modules: number
  readonly fingerprint: string | null
}

/** What a step measured. Memory in bytes, `peak` while the verb ran and `before` when it began; times in milliseconds. */
export interface StepAnswer {
  readonly ms: number
  readonly cpuMs: number
  readonly before: number
  readonly peak: number
  /** Milliseconds a Module of each stretch between two reports of progress, by step. */
  readonly paces: Readonly<Record<string, readonly number[]>>
  readonly answer: Readonly<Record<string, unknown>>
}

/** Publishes waiting for the disk at once, while others compile. */
const together = 16

const steps: Readonly<Record<string, (input: StepInput) => Promise<StepAnswer>>> = {
  async fill(input) {
    await initStore({ store: input.store, home: input.home, owner: "bench" })
    const engine = await openEngine({ ...input, launch: forkLaunch })
    try {
      return await measured(async () => {
        let next = 0
        await Promise.all(
          Array.from({ length: together }, async () => {
            while (next < input.modules) {
              const published = await engine.publish(draftOf(next++))
              if (published.kind !== "published") throw new Error(`not published: ${JSON.stringify(published).slice(0, 500)}`)
              await engine.signOff({
                digest: published.digest,
                mapping: published.mapping,
                signOff: { decision: "approve", note: "made for a bench" }
              })
            }
          })
        )
        return { fingerprint: (await engine.root({})).own?.fingerprints.at(-1) }
      })
    } finally {
      await engine.close()
    }
  },
  async export(input) {
    const engine = await openEngine({ ...input, launch: forkLaunch })
    try {
      return await measured(async context => {
        const { volumes, modules, mappings } = await engine.exportBundle({ all: true, target: input.bundle }, context)
        return { bytes: volumes.reduce((sum, one) => sum + one.bytes, 0), volumes: volumes.map(one => one.path), modules, mappings }
      })
    } finally {
      await engine.close()
    }
  },
  async verify(input) {
    const workshop = openWorkshop({ launch: forkLaunch })
    try {
      return await measured(async context => {
        const { counts } = await workshop.verifyBundle(
          { path: input.bundle, ...(input.fingerprint === null ? {} : { trustRoot: input.fingerprint }) },
          context
        )
        return counts
      })
    } finally {
      await workshop.close()
    }
  },
  async import(input) {
    if (!fs.existsSync(input.store)) await initStore({ store: input.store, home: input.home, owner: "importer" })
    const engine = await openEngine({ ...input, launch: forkLaunch })
    try {
      return await measured(async context => {
        const report = await engine.importBundle(
          { path: input.bundle, ...(input.fingerprint === null ? {} : { trustRoot: input.fingerprint }) },
          context
        )
        return { ...report.counts, written: report.mappings.filter(one => one.written).length }
      })
    } finally {
      await engine.close()
    }
  }
}

async function measured(work: (context: CallContext) => Promise<Readonly<Record<string, unknown>>>): Promise<StepAnswer> {
  const paces: Record<string, number[]> = {}
  let last = { step: "", at: 0, done: 0 }
  const onProgress: CallContext["onProgress"] = ({ step, done }) => {
    const at = performance.now()
    if (last.step === step && done > last.done) {
      const list = paces[step] ?? []
      list.push((at - last.at) / (done - last.done))
      paces[step] = list
    }
    last = { step, at, done }
  }
  globalThis.gc?.()
  forgetPeak()
  const before = process.memoryUsage.rss()
  const cpu = process.cpuUsage()
  const start = performance.now()
  const answer = await work({ onProgress })
  const ms = performance.now() - start
  const used = process.cpuUsage(cpu)
  return { ms, cpuMs: (used.user + used.system) / 1_000, before, peak: peakBytes(), paces, answer }
}

/** Linux forgets the mark when 5 is written here; elsewhere the peak includes the opening. */
function forgetPeak(): void {
  try {
    fs.writeFileSync("/proc/self/clear_refs", "5")
  } catch {
    // not Linux
  }
}

function peakBytes(): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(fs.readFileSync("/proc/self/status", "utf8"))?.[1]) * 1_024
  } catch {
    return process.resourceUsage().maxRSS * 1_024
  }
}

/** Distinct small Modules of six kinds; `number` goes into the code, so that no two compile to equal bytes. */
function draftOf(number: number) {
  const kinds = [
    {
      words: `add ${number} to a number`,
      source: `(defn plus-${number} [n :int] :int (+ n ${number}))`,
      examples: [{ args: "[1]", result: String(number + 1) }]
    },
    {
      words: `put item ${number} before each word of a list`,
      source: `(defn tag-${number} [words : [:vector :string]] : [:vector :string] (map (fn [word] (str "item-${number} " word)) words))`,
      examples: [{ args: '[["a"]]', result: `["item-${number} a"]` }]
    },
    {
      words: `the sum of the whole numbers from ${number} up to a bound`,
      source: `(defn upto-${number} [end :int] :int (reduce + 0 (range ${number} end)))`,
      examples: [{ args: `[${number + 3}]`, result: String(3 * number + 3) }]
    },
    {
      words: `whether a number lies between ${number} and its double`,
      source: `(defn within-${number} [n :int] :bool (and (<= ${number} n) (<= n ${2 * number})))`,
      examples: [{ args: `[${number}]`, result: "true" }]
    },
    {
      words: `how often the text ${number} stands among some texts`,
      source: `(defn often-${number} [texts : [:vector :string]] :int (count (filter (fn [text] (= text "${number}")) texts)))`,
      examples: [{ args: `[["${number}" "x"]]`, result: "1" }]
    },
    {
      words: `repeat a step of ${number} some times from zero`,
      source: `(defn steps-${number} [times :int] :int (if (= times 0) 0 (+ ${number} (steps-${number} (dec times)))))`,
      examples: [{ args: "[2]", result: String(2 * number) }]
    }
  ] as const
  const kind = kinds[number % kinds.length] as (typeof kinds)[number]
  return { request: { instruction: kind.words }, source: kind.source, examples: [...kind.examples] }
}

const [, , name, input] = process.argv
const step = name === undefined ? undefined : steps[name]
if (step === undefined || input === undefined) throw new Error(`expected one of ${Object.keys(steps).join(", ")} and its input`)
process.stdout.write(`${JSON.stringify(await step(JSON.parse(input) as StepInput))}\n`)
