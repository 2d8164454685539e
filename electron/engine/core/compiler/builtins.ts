/** The table of built-ins (language page, section 9): names, arities, order. The runtime's manifest lists the same names in the same order. */

export interface Builtin {
  readonly name: string
  readonly minArity: number
  /** null: no upper bound. */
  readonly maxArity: number | null
  /** The name whose function this one shares; itself for all but four. A builtin equals only itself, by name. */
  readonly implementation: string
  /** `read-file` is bound only in order to fail; all others are pure. */
  readonly pure: boolean
}

type Row = readonly [names: string, arity: string]

/** Arity as in the page: `2`, `1+`, `2-3`. `a=b`: b is a second name of a. */
const rows: readonly Row[] = [
  ["+ - * /", "1+"],
  ["mod pow", "2"],
  ["inc dec abs", "1"],
  ["max min", "1+"],
  ["sqrt factorial even? odd? int float parse-int parse-float", "1"],
  ["=", "1+"],
  ["!= not= < > <= >=", "2"],
  ["and or", "0+"],
  ["not", "1"],
  ["str", "0+"],
  ["string-length string-upper string-lower string-trim", "1"],
  ["string-contains starts-with?", "2"],
  ["substring", "2-3"],
  ["split join string-join:join re-matches re-find re-seq", "2"],
  ["vector", "0+"],
  ["count length empty? first rest last", "1"],
  ["nth get", "2-3"],
  ["conj", "2+"],
  ["cons", "2"],
  ["concat", "0+"],
  ["reverse", "1"],
  ["take drop", "2"],
  ["subvec", "2-3"],
  ["distinct", "1"],
  ["partition", "2"],
  ["sort", "1"],
  ["range numbers contains?", "2"],
  ["hash-map", "0+"],
  ["assoc", "3+"],
  ["dissoc", "2+"],
  ["merge", "1+"],
  ["update", "3+"],
  ["get-in", "2-3"],
  ["keys vals", "1"],
  ["find map map-indexed filter remove", "2"],
  ["reduce", "2-3"],
  ["apply", "2+"],
  ["group-by every? some?", "2"],
  ["int? float? number? string? string-p bool? nil? map? vector? list? keyword? symbol? fn?", "1"],
  ["type-name", "1"],
  ["Exception.", "1+"],
  ["getMessage", "1"],
  ["parse-json tool/parse-json:parse-json", "1"],
  ["serialize-json tool/serialize-json:serialize-json", "1"],
  ["serialize-json-pretty tool/serialize-json-pretty:serialize-json-pretty", "1"],
  ["process-data", "1"],
  ["deftype", "2"],
  ["read-file", "1"]
]

/** All 108; a builtin is referred to by its index here. */
export const builtins: readonly Builtin[] = rows.flatMap(([names, arity]) => {
  const [, min, rest] = /^(\d+)(.*)$/.exec(arity) as unknown as [string, string, string]
  const minArity = Number(min)
  const maxArity = rest === "+" ? null : rest === "" ? minArity : Number(rest.slice(1))
  return names.split(" ").map((text): Builtin => {
    const [name = text, implementation = name] = text.split(":")
    return { name, minArity, maxArity, implementation, pure: name !== "read-file" }
  })
})

const indexes = new Map(builtins.map((builtin, index) => [builtin.name, index]))

/** The index of the builtin of this name, or -1. */
export function builtinIndex(name: string): number {
  return indexes.get(name) ?? -1
}

/** How many arguments a message says were expected: `2`, `at least 1`, `2 to 3`. */
export function arityText(minArity: number, maxArity: number | null): string {
  if (maxArity === null) return `at least ${minArity}`
  return maxArity === minArity ? `${minArity}` : `${minArity} to ${maxArity}`
}

/** The message of an arity error; a closure is called `user-defined function` (language page, section 13.3). */
export function arityMessage(name: string, minArity: number, maxArity: number | null, found: number): string {
  return `Arity mismatch in ${name}: expected ${arityText(minArity, maxArity)}, got ${found}`
}

export const closureName = "user-defined function"

/** Names that make a list a special form when they stand at its head; never shadowed there. `get` only with one name as argument. */
export const specialForms: ReadonlySet<string> = new Set(
  "do def let if fn λ defn match try for dotimes get step step-if step-loop step-parallel defstruct defmacro module import".split(" ")
)

/** The three ways to the host: only heads of calls, never values, never bound (language page, section 14). */
export const hostForms: ReadonlySet<string> = new Set(["call", "context/get", "context/set"])
