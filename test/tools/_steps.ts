/** Steps of a demo: each is run, timed, printed, and counted as done or not. */

export interface Step {
  readonly name: string
  readonly ok: boolean
  readonly ms: number
}

export interface Steps {
  readonly done: readonly Step[]
  step(name: string, work: () => Promise<{ readonly ok: boolean; readonly say: string }>): Promise<void>
}

/** `quiet`: the steps are printed by whoever reads `done`. */
export function createSteps(quiet: boolean): Steps {
  const done: Step[] = []
  return {
    done,
    async step(name, work) {
      const start = performance.now()
      let result: { ok: boolean; say: string }
      try {
        result = await work()
      } catch (failure) {
        result = { ok: false, say: failure instanceof Error ? failure.message : String(failure) }
      }
      const ms = performance.now() - start
      done.push({ name, ok: result.ok, ms: Math.round(ms * 100) / 100 })
      if (!quiet) process.stdout.write(`${result.ok ? "ok  " : "FAIL"} ${name.padEnd(12)} ${ms.toFixed(1).padStart(9)} ms  ${result.say}\n`)
    }
  }
}
