/** The one way from a Request to a Task, for publish, Lookup and Find alike: canonical words and a required Interface. */
import type { Digest } from "../../../shared/digest.ts"
import type { Request, Task } from "../../../shared/lookup.ts"
import type { Interface } from "../../../shared/module.ts"
import { sizeLimits } from "../../../shared/module.ts"
import { canonicalBytes } from "./canonical.ts"
import type { Type } from "./compiler/type-form.ts"
import { digestOf } from "./digest.ts"
import { interfaceOf, parseInterface, parseType } from "./interface.ts"
import { utf8Encode } from "./utf8.ts"

export type TaskResult = { readonly kind: "task"; readonly task: Task } | Malformed

export interface Malformed {
  readonly kind: "malformed"
  /** What was expected, as one sentence. */
  readonly message: string
}

/**
 * What a Request asks for. Its context does not take part: a cached answer rests on words and Interface alone, and
 * whoever needs the context as input states it as one. Where the Request names no Interface, `compiled` stands in
 * (publish takes the compiled entry's); without one the Request is malformed.
 */
export function taskOf(request: Request, compiled: Interface | null = null): TaskResult {
  const words = canonicalWords(request.instruction)
  if (words.kind === "malformed") return words
  const required =
    requiredInterface(request) ??
    (compiled === null
      ? malformed("expected an interface, or inputs and outputs with their types")
      : { kind: "interface" as const, interface: compiled })
  if (required.kind === "malformed") return required
  return { kind: "task", task: { text: words.text, interface: required.interface, examples: request.examples ?? [] } }
}

/** Whether a Request says which Interface it needs. */
export function namesInterface(request: Request): boolean {
  return request.interface !== undefined || request.inputs !== undefined || request.outputs !== undefined
}

/** Canonical Task text: NFC, ends trimmed, each run of white space one space, case kept; 1 to 4,096 bytes. */
export function canonicalWords(instruction: string): { readonly kind: "words"; readonly text: string } | Malformed {
  if (!instruction.isWellFormed()) return malformed("expected Unicode text, found a lone surrogate in the instruction")
  const text = instruction.normalize("NFC").replace(/\s+/gu, " ").trim()
  if (text === "") return malformed("expected words in the instruction, found none")
  const bytes = utf8Encode(text).length
  if (bytes > sizeLimits.taskBytesMax) return malformed(`expected at most ${sizeLimits.taskBytesMax} bytes of instruction, found ${bytes}`)
  return { kind: "words", text }
}

/** Digest of a Request as its caller stated it (RFC 8785). */
export function requestDigest(request: Request): Digest {
  return digestOf(canonicalBytes(request))
}

type InterfaceResult = { readonly kind: "interface"; readonly interface: Interface } | Malformed

function requiredInterface(request: Request): InterfaceResult | null {
  const { interface: type, inputs, outputs } = request
  if (type !== undefined) {
    if (inputs !== undefined || outputs !== undefined) return malformed("expected either an interface or inputs and outputs, found both")
    const [variable] = variablesOf(type)
    if (variable !== undefined) return malformed(`the interface names the variable ?${variable}, which only Find understands`)
    const parsed = parseInterface(type)
    return parsed.kind === "malformed"
      ? malformed(`the interface is malformed at character ${parsed.offset + 1}: ${parsed.message}`)
      : parsed
  }
  if (inputs === undefined && outputs === undefined) return null
  return stated(inputs ?? [], outputs ?? [])
}

/** Inputs in their order are the parameters; several outputs are a tuple, none is nil. Names do not take part. */
function stated(inputs: readonly { readonly type: string }[], outputs: readonly { readonly type: string }[]): InterfaceResult {
  const params: Type[] = []
  const results: Type[] = []
  for (const [what, list, into] of [
    ["input", inputs, params],
    ["output", outputs, results]
  ] as const) {
    for (const [at, { type }] of list.entries()) {
      const parsed = parseType(`() -> ${type}`)
      if (parsed.kind === "malformed") return malformed(`the type of ${what} ${at + 1} is malformed: ${parsed.message}`)
      if (parsed.capabilities !== null) return malformed(`the type of ${what} ${at + 1} names capabilities; state them in an interface`)
      into.push(parsed.type.result)
    }
  }
  const [only] = results
  const result: Type = only === undefined ? { kind: "name", name: "nil" } : results.length === 1 ? only : { kind: "tuple", items: results }
  return { kind: "interface", interface: interfaceOf({ params, rest: null, result }, []) }
}

function variablesOf(type: string): readonly string[] {
  const parsed = parseType(type, true)
  return parsed.kind === "type" ? parsed.variables : []
}

function malformed(message: string): Malformed {
  return { kind: "malformed", message }
}
