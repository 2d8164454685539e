/** A Generator that is a program: it reads the Task as JSON on its input and writes a Source on its output. */
import { spawn } from "node:child_process"
import { EngineFailure } from "../../../shared/failure.ts"
import { messagesOf } from "../core/prompt.ts"
import type { Generator } from "../ports.ts"

const sourceBytesMax = 262_144
/** The end of what it said on its error output, for whoever has to find out. */
const complaintCharsMax = 500

/**
 * `command`: the program and its arguments, started without a shell. Its input is `{task, interface, examples, near, attempts, messages,
 * tokensMax}`; empty output means it has nothing for the Task. Of the environment it gets PATH, HOME and the language alone.
 */
export function openCommandGenerator(command: readonly [string, ...string[]]): Generator {
  const [program, ...args] = command
  return {
    name: program,
    async generate(task, signal) {
      const { text, typeText, tokensMax, ...rest } = task
      const input = JSON.stringify({
        task: text,
        interface: typeText,
        ...rest,
        messages: messagesOf(task),
        ...(Number.isFinite(tokensMax) ? { tokensMax } : {})
      })
      const source = await outputOf(program, args, input, signal)
      return source.trim() === "" ? null : { source, tokens: 0 }
    }
  }
}

function outputOf(program: string, args: readonly string[], input: string, signal: AbortSignal | undefined): Promise<string> {
  const { PATH, HOME, LANG, SystemRoot } = process.env
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], env: { PATH, HOME, LANG, SystemRoot }, windowsHide: true })
    const output: Buffer[] = []
    let length = 0
    let complaint = ""
    let refusal: EngineFailure | null = null
    const stop = (failure: EngineFailure) => {
      refusal ??= failure
      child.kill("SIGKILL")
    }
    const cancel = () => stop(new EngineFailure("cancelled", "the generator was not waited for any longer"))
    if (signal?.aborted) cancel()
    signal?.addEventListener("abort", cancel, { once: true })
    child.stdout.on("data", (bytes: Buffer) => {
      length += bytes.length
      if (length > sourceBytesMax) stop(failed(`${program} wrote more than ${sourceBytesMax} bytes`))
      else output.push(bytes)
    })
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      complaint = (complaint + text).slice(-complaintCharsMax)
    })
    // A program that does not read its input closes it: its answer counts all the same.
    child.stdin.on("error", () => {})
    child.stdin.end(input)
    child.on("error", cause => {
      refusal ??= failed(`${program} could not be started: ${cause.message}`)
      reject(refusal)
    })
    child.on("close", code => {
      signal?.removeEventListener("abort", cancel)
      if (refusal !== null) reject(refusal)
      else if (code !== 0) reject(failed(`${program} ended with ${code}: ${complaint.trim()}`))
      else resolve(Buffer.concat(output).toString("utf8"))
    })
  })
}

function failed(why: string): EngineFailure {
  return new EngineFailure("generator-failed", `the generator did not answer as it should: ${why}`)
}
