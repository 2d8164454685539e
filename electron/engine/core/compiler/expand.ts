/** Macros (language page, section 10) as template substitution, and `#(…)` as a function; nothing is evaluated. Bounded however a macro is written. */
import { specialForms } from "./builtins.ts"
import type { Diagnostics } from "./diagnostic.ts"
import type { Form, SequenceForm, SymbolForm } from "./read.ts"
import { isSymbol } from "./read.ts"

export interface Expanded {
  readonly forms: readonly Form[]
  /** The `nil`s that stand where macros were defined: definitions, not values, at top level. */
  readonly definitions: ReadonlySet<Form>
}

export const expansionLimits = {
  expansionsMax: 10_000,
  /** Forms that expansion produces, arguments counted each time they are inserted. */
  producedMax: 1_000_000,
  /** Expansions within the result of an expansion. */
  nestingMax: 256,
  /** Depth of the expanded source. */
  depthMax: 768,
  /** Highest `%n` in `#(…)`. */
  shortParametersMax: 255
} as const

/** Expands a whole source. Errors go to `diagnostics`; what could not be expanded stands as `nil`. */
export function expand(forms: readonly Form[], diagnostics: Diagnostics): Expanded {
  const expander = new Expander(diagnostics)
  const expanded: Form[] = []
  try {
    for (const form of forms) expanded.push(expander.form(form, { nesting: 0, depth: 1, inShort: false, macro: null }))
  } catch (failure) {
    if (!(failure instanceof Exhausted)) throw failure
  }
  return { forms: expanded, definitions: expander.definitions }
}

/** Thrown when a limit that bounds the whole source is reached: there is no point in going on. */
class Exhausted extends Error {}

interface Macro {
  readonly name: string
  readonly params: readonly string[]
  readonly rest: string | null
  readonly body: Form
}

interface Context {
  readonly nesting: number
  readonly depth: number
  readonly inShort: boolean
  /** Name of the macro whose result this is. */
  readonly macro: string | null
}

class Expander {
  readonly #diagnostics: Diagnostics
  readonly #macros = new Map<string, Macro>()
  readonly #sizes = new Map<Form, number>()
  readonly definitions = new Set<Form>()
  #expansions = 0
  #produced = 0

  constructor(diagnostics: Diagnostics) {
    this.#diagnostics = diagnostics
  }

  form(form: Form, context: Context): Form {
    switch (form.kind) {
      case "literal":
      case "symbol":
      case "colon":
        return form
      case "quasi":
      case "unquote":
      case "splice":
        this.#error(`${quoteNames[form.kind]} stands outside a macro body`, form, {
          suggestion: "quasiquote, ~ and ~@ belong into the body of defmacro"
        })
        return nil(form)
      case "short":
        return this.#short(form, context)
      case "list":
        return this.#list(form, context)
      default:
        return this.#items(form, context)
    }
  }

  #items(form: SequenceForm, context: Context): Form {
    const inner = this.#deeper(form, context)
    let changed = false
    const items = form.items.map(item => {
      const expanded = this.form(item, inner)
      changed ||= expanded !== item
      return expanded
    })
    return changed ? { ...form, items } : form
  }

  #deeper(form: Form, context: Context): Context {
    if (context.depth < expansionLimits.depthMax) return { ...context, depth: context.depth + 1 }
    return this.#exhausted(`the expanded source nests deeper than ${expansionLimits.depthMax} levels`, form, context.macro)
  }

  #list(form: SequenceForm, context: Context): Form {
    const [head] = form.items
    if (!isSymbol(head)) return this.#items(form, context)
    if (head.name === "defmacro") return this.#define(form)
    const macro = specialForms.has(head.name) ? undefined : this.#macros.get(head.name)
    return macro === undefined ? this.#items(form, context) : this.#expand(macro, form, context)
  }

  #define(form: SequenceForm): Form {
    const [, name, params, body] = form.items
    const replacement = nil(form)
    if (!isSymbol(name) || params?.kind !== "vector" || body === undefined) {
      this.#diagnostics.error("parse-error", "this macro definition is malformed", form.start, form.end, {
        expected: "(defmacro name [parameter …] body)"
      })
      return replacement
    }
    const items = params.items
    const marker = items.findIndex(item => isSymbol(item, "&"))
    const fixed = marker < 0 ? items : items.slice(0, marker)
    const rest = marker < 0 ? null : items[marker + 1]
    const wrong =
      items.find(item => !isSymbol(item)) ?? (marker >= 0 && (rest === undefined || items.length !== marker + 2) ? params : undefined)
    if (wrong !== undefined) {
      this.#diagnostics.error(
        "parse-error",
        "parameters of a macro are symbols, at the end perhaps & and one more",
        wrong.start,
        wrong.end,
        {
          expected: "(defmacro name [parameter … & rest] body)"
        }
      )
      return replacement
    }
    this.#macros.set(name.name, {
      name: name.name,
      params: fixed.map(item => (item as SymbolForm).name),
      rest: rest === null ? null : (rest as SymbolForm).name,
      body
    })
    this.definitions.add(replacement)
    return replacement
  }

  #expand(macro: Macro, form: SequenceForm, context: Context): Form {
    this.#expansions += 1
    if (this.#expansions > expansionLimits.expansionsMax)
      this.#exhausted(`macro ${macro.name}: more than ${expansionLimits.expansionsMax} expansions`, form, macro.name)
    if (context.nesting >= expansionLimits.nestingMax) {
      this.#exhausted(`macro ${macro.name}: expansions nest deeper than ${expansionLimits.nestingMax}`, form, macro.name)
    }
    const args = form.items.slice(1)
    if (args.length < macro.params.length) {
      this.#error(`macro ${macro.name} needs ${macro.params.length} arguments`, form, {
        expected: `${macro.rest === null ? "" : "at least "}${macro.params.length}`,
        found: `${args.length}`
      })
      return nil(form)
    }
    const bindings = new Map<string, Form>(macro.params.map((param, index) => [param, args[index]!]))
    const rest: SequenceForm = { kind: "vector", items: args.slice(macro.params.length), start: form.start, end: form.end }
    if (macro.rest !== null) bindings.set(macro.rest, rest)
    const template = macro.body.kind === "quasi" ? macro.body.form : macro.body
    const result = this.#substitute(template, bindings, macro.body.kind === "quasi", macro)
    return this.form(result, { ...context, nesting: context.nesting + 1, macro: macro.name })
  }

  /** `quoted`: only what stands behind a tilde is replaced; else every parameter symbol is. */
  #substitute(form: Form, bindings: ReadonlyMap<string, Form>, quoted: boolean, macro: Macro): Form {
    switch (form.kind) {
      case "symbol": {
        const bound = quoted ? undefined : bindings.get(form.name)
        return bound === undefined ? this.#produce(form, 1, macro, form) : this.#produce(bound, this.#size(bound), macro, form)
      }
      case "unquote":
        if (quoted) return this.#substitute(form.form, bindings, false, macro)
        return form
      case "splice":
        if (quoted) this.#error(`~@ has nothing around it to splice into`, form, { expected: "a list or vector around ~@" })
        return nil(form)
      case "literal":
      case "colon":
        return this.#produce(form, 1, macro, form)
      case "quasi":
        return { ...form, form: this.#substitute(form.form, bindings, quoted, macro) }
      default:
        this.#produce(form, 1, macro, form)
        return { ...form, items: form.items.flatMap(item => this.#substituteItem(item, bindings, quoted, macro)) }
    }
  }

  #substituteItem(item: Form, bindings: ReadonlyMap<string, Form>, quoted: boolean, macro: Macro): readonly Form[] {
    if (!quoted || item.kind !== "splice") return [this.#substitute(item, bindings, quoted, macro)]
    const spliced = this.#substitute(item.form, bindings, false, macro)
    if (spliced.kind === "list" || spliced.kind === "vector") return spliced.items
    this.#error(`macro ${macro.name}: ~@ splices lists and vectors only`, item, {
      expected: "a list or vector form",
      found: describe(spliced)
    })
    return []
  }

  #produce(result: Form, size: number, macro: Macro, place: Form): Form {
    this.#produced += size
    if (this.#produced > expansionLimits.producedMax)
      this.#exhausted(`macro ${macro.name}: expansion produces more than ${expansionLimits.producedMax} forms`, place, macro.name)
    return result
  }

  #size(form: Form): number {
    if (form.kind === "literal" || form.kind === "symbol" || form.kind === "colon") return 1
    const known = this.#sizes.get(form)
    if (known !== undefined) return known
    let size = 1
    if ("form" in form) size += this.#size(form.form)
    else for (const item of form.items) size += this.#size(item)
    this.#sizes.set(form, size)
    return size
  }

  /** `#(f a …)` is `(fn [%1 … %n] (f a …))`. */
  #short(form: SequenceForm, context: Context): Form {
    if (context.inShort) {
      this.#diagnostics.error("parse-error", "#(…) must not stand inside another #(…)", form.start, form.end, {
        suggestion: "write one of them as (fn [x] …)"
      })
      return nil(form)
    }
    const content: SequenceForm = { ...form, kind: form.items.length === 0 ? "vector" : "list" }
    const parameters = { highest: 0 }
    const body = this.#numbered(this.form(content, { ...context, inShort: true }), parameters)
    const names: SymbolForm[] = Array.from({ length: parameters.highest }, (_, index) => ({
      kind: "symbol",
      name: `%${index + 1}`,
      start: form.start,
      end: form.end
    }))
    return {
      kind: "list",
      items: [
        { kind: "symbol", name: "fn", start: form.start, end: form.start + 2 },
        { kind: "vector", items: names, start: form.start, end: form.end },
        body
      ],
      start: form.start,
      end: form.end
    }
  }

  /** Writes `%` as `%1` and finds the highest number. */
  #numbered(form: Form, parameters: { highest: number }): Form {
    if (form.kind === "symbol") {
      const number = form.name === "%" ? 1 : /^%[1-9]\d*$/.test(form.name) ? Number(form.name.slice(1)) : 0
      if (number > expansionLimits.shortParametersMax) {
        this.#diagnostics.error("parse-error", `#(…) has at most ${expansionLimits.shortParametersMax} parameters`, form.start, form.end, {
          found: form.name
        })
        return form
      }
      parameters.highest = Math.max(parameters.highest, number)
      return form.name === "%" ? { ...form, name: "%1" } : form
    }
    if (!("items" in form)) return form
    let changed = false
    const items = form.items.map(item => {
      const numbered = this.#numbered(item, parameters)
      changed ||= numbered !== item
      return numbered
    })
    return changed ? { ...form, items } : form
  }

  #error(message: string, form: Form, detail: { expected?: string; found?: string; suggestion?: string } = {}): void {
    this.#diagnostics.error("macro-error", message, form.start, form.end, detail)
  }

  #exhausted(message: string, form: Form, macro: string | null): never {
    this.#error(message, form, macro === null ? {} : { suggestion: `see the definition of macro ${macro}` })
    throw new Exhausted()
  }
}

const quoteNames = { quasi: "a quasiquote", unquote: "~", splice: "~@" } as const

function nil(place: Form): Form {
  return { kind: "literal", value: null, start: place.start, end: place.end }
}

function describe(form: Form): string {
  return form.kind === "short" ? "#(…)" : `a ${form.kind}`
}
