/** A Generator behind any OpenAI-compatible endpoint: a local server by default, another host only where it is named. */
import { z } from "zod"
import { EngineFailure } from "../../../shared/failure.ts"
import { messagesOf, sourceIn } from "../core/prompt.ts"
import type { Generator } from "../ports.ts"

export interface HttpGeneratorOptions {
  /** Up to and without `/chat/completions`, such as `http://127.0.0.1:11434/v1`. */
  readonly url: string
  readonly model: string
  /** Hosts beside this machine that may be asked. */
  readonly hostsAllowed?: readonly string[]
  /** The endpoint's key, asked for at each call: it is never kept here. */
  readonly key?: () => string | null
}

const replyBytesMax = 1_048_576
/** What one Source may take at most, where the budget says nothing tighter. */
const completionTokensMax = 4_096

const replySchema = z.object({
  choices: z.array(z.object({ message: z.object({ content: z.string().nullable() }) })).min(1),
  usage: z.object({ total_tokens: z.number().int().min(0) }).optional()
})

/** Throws `wrong-usage` for an address that is none or not allowed. */
export function openHttpGenerator({ url, model, hostsAllowed = [], key = () => null }: HttpGeneratorOptions): Generator {
  const endpoint = endpointOf(url, hostsAllowed)
  return {
    name: `${model} at ${endpoint.host}`,
    async generate(task, signal) {
      const secret = key()
      const body = JSON.stringify({
        model,
        messages: messagesOf(task),
        temperature: 0,
        stream: false,
        max_tokens: Math.min(completionTokensMax, task.tokensMax)
      })
      const text = await ask(endpoint, body, secret, signal)
      const reply = replySchema.safeParse(jsonOf(text))
      if (!reply.success) throw failed("expected a chat completion with choices[0].message.content")
      const content = reply.data.choices[0]?.message.content ?? ""
      const source = sourceIn(content)
      // Words without a program are an attempt like any other: it is told so.
      return { source: source ?? content.slice(0, 2_000), tokens: reply.data.usage?.total_tokens ?? 0 }
    }
  }
}

function endpointOf(text: string, hostsAllowed: readonly string[]): URL {
  const url = URL.canParse(text) ? new URL(`${text.replace(/\/+$/, "")}/chat/completions`) : null
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:") || url.username !== "" || url.password !== "")
    throw new EngineFailure("wrong-usage", `the generator's address: expected http(s)://HOST[:PORT][/PATH], found ${JSON.stringify(text)}`)
  if (!isThisMachine(url.hostname) && !hostsAllowed.includes(url.hostname))
    throw new EngineFailure("wrong-usage", `${url.hostname} is not this machine: allow it by name before anything is sent there`, {
      host: url.hostname
    })
  return url
}

function isThisMachine(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host)
}

async function ask(endpoint: URL, body: string, key: string | null, signal: AbortSignal | undefined): Promise<string> {
  try {
    const response = await fetch(endpoint, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json",
        ...(key === null ? {} : { authorization: `Bearer ${key}` })
      },
      body,
      // A redirect could lead to a host nobody allowed.
      redirect: "error",
      ...(signal === undefined ? {} : { signal })
    })
    const text = await boundedText(response)
    if (!response.ok) throw failed(`it answered ${response.status}`)
    return text
  } catch (cause) {
    if (cause instanceof EngineFailure) throw cause
    if (signal?.aborted === true) throw new EngineFailure("cancelled", "the generator was not waited for any longer", {}, { cause })
    throw failed("it could not be reached", cause)
  }
}

async function boundedText(response: Response): Promise<string> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of response.body ?? []) {
    length += part.length
    if (length > replyBytesMax) throw failed(`expected a reply of at most ${replyBytesMax} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString("utf8")
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function failed(why: string, cause?: unknown): EngineFailure {
  return new EngineFailure(
    "generator-failed",
    `the generator did not answer as it should: ${why}`,
    {},
    cause === undefined ? {} : { cause }
  )
}
