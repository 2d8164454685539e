/** Where a passphrase comes from: a file descriptor, the environment, or a prompt; never the command line. */
import { closeSync, readSync } from "node:fs"
import { EngineFailure } from "../../shared/failure.ts"

const passphraseBytesMax = 1_024

/** Takes `L4_PASSPHRASE` out of the environment at once, so that no child inherits it. */
export function takeEnvironmentPassphrase(environment: NodeJS.ProcessEnv): string | undefined {
  const passphrase = environment.L4_PASSPHRASE
  delete environment.L4_PASSPHRASE
  return passphrase === undefined || passphrase === "" ? undefined : passphrase
}

/** Reads one line from descriptor `fd` and closes it. */
export function readPassphraseFrom(fd: number): string {
  const buffer = Buffer.alloc(passphraseBytesMax + 2)
  let length = 0
  try {
    for (;;) {
      const read = readSync(fd, buffer, length, buffer.length - length, null)
      if (read === 0) break
      length += read
      if (buffer.subarray(0, length).includes(10) || length === buffer.length) break
    }
    if (fd > 2) closeSync(fd)
  } catch (cause) {
    throw new EngineFailure("wrong-usage", `--passphrase-fd ${fd}: expected a readable descriptor`, {}, { cause })
  }
  const end = buffer.subarray(0, length).indexOf(10)
  const line = buffer
    .subarray(0, end < 0 ? length : end)
    .toString("utf8")
    .replace(/\r$/, "")
  buffer.fill(0)
  if (length > passphraseBytesMax) throw new EngineFailure("wrong-usage", `a passphrase has at most ${passphraseBytesMax} bytes`)
  if (line === "") throw new EngineFailure("wrong-usage", `--passphrase-fd ${fd}: expected a passphrase on one line, found nothing`)
  return line
}

/** Asks on the terminal without echo. Null where there is no terminal. */
export function promptPassphrase(question: string): Promise<string | null> {
  const { stdin, stderr } = process
  if (!stdin.isTTY || !stderr.isTTY) return Promise.resolve(null)
  return new Promise((resolve, reject) => {
    let typed = ""
    stderr.write(question)
    stdin.setRawMode(true)
    stdin.setEncoding("utf8")
    stdin.resume()
    const end = (settle: () => void) => {
      stdin.setRawMode(false)
      stdin.pause()
      stdin.off("data", onData)
      stderr.write("\n")
      settle()
    }
    const onData = (chunk: string) => {
      for (const character of chunk) {
        if (character === "\r" || character === "\n") return end(() => resolve(typed))
        if (character === "\u0003") return end(() => reject(new EngineFailure("cancelled", "no passphrase was given")))
        typed = character === "\u007f" || character === "\b" ? typed.slice(0, -1) : typed + character
      }
    }
    stdin.on("data", onData)
  })
}
