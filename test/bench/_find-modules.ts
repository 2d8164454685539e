/** Small Modules in any number, each with words of its own, a type and an Example: what the bench of Find searches. */
import { randomOf } from "../engine/vectors.ts"

export interface MadeModule {
  readonly task: string
  /** Other words for the same: what a person might type. */
  readonly asked: string
  readonly source: string
  readonly type: string
  readonly args: string
  readonly result: string
}

type Made = Omit<MadeModule, "source" | "type"> & { readonly body: string; readonly params: string; readonly resultType: string }

const nouns =
  "apple bridge candle desert engine feather garden harbour island jacket kettle ladder meadow needle orchard pillow quarry ribbon saddle timber umbrella valley window yellow zebra anchor basket copper dragon ember forest glacier hammer iron jungle kitchen lantern marble nickel ocean paper quilt river silver thunder urchin velvet willow xylophone yarn".split(
    " "
  )

const list = (values: readonly number[]) => `[${values.join(" ")}]`

/** Families of Modules: `n` is a number and `w` a word that only this member has. */
const families: readonly ((n: number, w: string) => Made)[] = [
  n => ({
    task: `Add ${n} to a number.`,
    asked: `a number increased by ${n}`,
    params: "[x :int]",
    resultType: ":int",
    body: `(+ x ${n})`,
    args: "[7]",
    result: String(7 + n)
  }),
  n => ({
    task: `Multiply a number by ${n}.`,
    asked: `${n} times the given number`,
    params: "[x :int]",
    resultType: ":int",
    body: `(* x ${n})`,
    args: "[3]",
    result: String(3 * n)
  }),
  n => ({
    task: `Tell the remainder of a number when it is divided by ${n}.`,
    asked: `what is left over after division by ${n}`,
    params: "[x :int]",
    resultType: ":int",
    body: `(mod x ${n})`,
    args: "[100003]",
    result: String(100_003 % n)
  }),
  n => ({
    task: `Check whether a number is greater than ${n}.`,
    asked: `is the number above ${n}`,
    params: "[x :int]",
    resultType: ":bool",
    body: `(> x ${n})`,
    args: `[${n + 1}]`,
    result: "true"
  }),
  (n, w) => ({
    task: `Put the word ${w} and the number ${n} before a text.`,
    asked: `text with ${w} ${n} in front of it`,
    params: "[text :string]",
    resultType: ":string",
    body: `(str "${w}" ${n} text)`,
    args: '["end"]',
    result: `"${w}${n}end"`
  }),
  (n, w) => ({
    task: `Put the word ${w} after a text, ${n} behind it.`,
    asked: `append ${w} and then ${n} to the end of a string`,
    params: "[text :string]",
    resultType: ":string",
    body: `(str text "${w}" ${n})`,
    args: '["begin"]',
    result: `"begin${w}${n}"`
  }),
  n => ({
    task: `Add ${n} to every number of a list.`,
    asked: `each element of the list raised by ${n}`,
    params: "[items : [:vector :int]]",
    resultType: "[:vector :int]",
    body: `(map (fn [x] (+ x ${n})) items)`,
    args: "[[1 2 3]]",
    result: list([1 + n, 2 + n, 3 + n])
  }),
  n => ({
    task: `Keep the numbers of a list that are greater than ${n}.`,
    asked: `only elements above ${n}, the rest thrown away`,
    params: "[items : [:vector :int]]",
    resultType: "[:vector :int]",
    body: `(filter (fn [x] (> x ${n})) items)`,
    args: `[[${n} ${n + 1} 0]]`,
    result: list([n + 1])
  }),
  n => ({
    task: `Count how many items of a list equal ${n}.`,
    asked: `number of times ${n} occurs in the list`,
    params: "[items : [:vector :int]]",
    resultType: ":int",
    body: `(count (filter (fn [x] (= x ${n})) items))`,
    args: `[[${n} 1 ${n} ${n}]]`,
    result: String([n, 1, n, n].filter(x => x === n).length)
  }),
  n => ({
    task: `Sum a list of numbers and start from ${n}.`,
    asked: `total of the list plus ${n}`,
    params: "[items : [:vector :int]]",
    resultType: ":int",
    body: `(reduce + ${n} items)`,
    args: "[[10 20]]",
    result: String(30 + n)
  }),
  (n, w) => ({
    task: `Count the texts of a list that begin with ${w}${n}.`,
    asked: `how many strings start with ${w}${n}`,
    params: "[items : [:vector :string]]",
    resultType: ":int",
    body: `(count (filter (fn [t] (starts-with? t "${w}${n}")) items))`,
    args: `[["${w}${n}a" "b"]]`,
    result: "1"
  }),
  (n, w) => ({
    task: `Read the ${w}${n} of a record, or 0 where it has none.`,
    asked: `value under the key ${w}${n}, zero by default`,
    params: "[record : [:map-of :keyword :int]]",
    resultType: ":int",
    body: `(get record :${w}${n} 0)`,
    args: `[{:${w}${n} 5}]`,
    result: "5"
  })
]

/** `count` Modules, each other than the rest; numbers and words are drawn with this seed. */
export function madeModules(count: number, seed: number): MadeModule[] {
  const random = randomOf(seed)
  const each = Math.ceil(count / families.length)
  const numbers = Array.from({ length: each }, (_, at) => at + 2)
  return Array.from({ length: count }, (_, at) => {
    const family = families[at % families.length]!
    const noun = nouns[Math.floor(random() * nouns.length)]!
    const { body, params, resultType, ...made } = family(numbers[Math.floor(at / families.length)]!, noun)
    const type = /: ?(\[.*\]|:[a-z]+)\]$/.exec(params)?.[1] ?? params.slice(1, -1).split(" ")[1]!
    return { ...made, source: `(defn made ${params} : ${resultType} ${body})`, type: `(${type}) -> ${resultType}` }
  })
}
