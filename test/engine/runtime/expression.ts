/** Reads and evaluates the part of the language that is only built-ins and literals, for tests of the runtime alone. */
import type { Value } from "../../../shared/value.ts"
import { keyword } from "../../../shared/value.ts"
import type { Raw, Runtime } from "./harness.ts"
import { manifest } from "./harness.ts"

type Form = { value: Value } | { name: string } | { call: Form[] } | { vector: Form[] } | { map: Form[] }

const names = new Set(manifest.builtins.map(b => b.name))
const token = /\s*(?:([()[\]{}])|("(?:[^"\\]|\\.)*")|([^\s()[\]{}"]+))/y

/** The form of a whole text, or undefined if it is more than built-ins and literals. */
export function readExpression(text: string): Form | undefined {
  if (/[;#@`~^&]|##/.test(text.replace(/"(?:[^"\\]|\\.)*"/g, ""))) return undefined
  token.lastIndex = 0
  const next = (): string | undefined => {
    const at = token.lastIndex
    const found = token.exec(text)
    if (!found) {
      token.lastIndex = at
      return undefined
    }
    return found[1] ?? found[2] ?? found[3]
  }
  const read = (): Form | "close" | undefined => {
    const t = next()
    if (t === undefined) return undefined
    if (t === "(" || t === "[" || t === "{") {
      const items: Form[] = []
      for (let item = read(); item !== "close"; item = read()) {
        if (item === undefined) return undefined
        items.push(item)
      }
      if (t === "(") return items.length ? { call: items } : { vector: [] }
      return t === "[" ? { vector: items } : { map: items }
    }
    if (t === ")" || t === "]" || t === "}") return "close"
    return atom(t)
  }
  const form = read()
  if (form === undefined || form === "close" || text.slice(token.lastIndex).trim() !== "") return undefined
  return form
}

function atom(t: string): Form | undefined {
  if (t.startsWith('"')) {
    if (/\\[^nrt\\"]/.test(t.replace(/\\\\/g, ""))) return undefined
    return { value: t.slice(1, -1).replace(/\\(.)/g, (_, c: string) => ({ n: "\n", t: "\t", r: "\r" })[c] ?? c) }
  }
  if (t.startsWith(":")) return { value: keyword(t.slice(1)) }
  if (/^[-+]?\d+$/.test(t)) return { value: BigInt(t.replace("+", "")) }
  if (/^[-+]?\d+\.\d+([eE][-+]?\d+)?$/.test(t)) return { value: Number(t) }
  if (t === "nil" || t === "true" || t === "false") return { value: t === "nil" ? null : t === "true" }
  return names.has(t) ? { name: t } : undefined
}

/** Whether evaluation needs nothing but the runtime. */
export function isPure(form: Form | undefined): form is Form {
  if (form === undefined) return false
  if ("call" in form) return form.call.every(isPure)
  if ("vector" in form) return form.vector.every(isPure)
  if ("map" in form) return form.map.every(isPure)
  return true
}

export function evaluate(form: Form, rt: Runtime): Raw {
  if ("value" in form) return rt.toRaw(form.value)
  if ("name" in form) return rt.builtin(form.name)
  const items = ("call" in form ? form.call : "vector" in form ? form.vector : form.map).map(f => evaluate(f, rt))
  if ("vector" in form) return rt.invoke(rt.builtin("vector"), ...items)
  if ("map" in form) return rt.invoke(rt.builtin("hash-map"), ...items)
  return rt.invoke(items[0] as Raw, ...items.slice(1))
}

/** Canonical print by the runtime itself. */
export function printed(raw: Raw, rt: Runtime): string {
  return rt.fromRaw(rt.guard(() => rt.raw("print", raw))) as string
}
