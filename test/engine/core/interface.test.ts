/** The Interface: the worked examples of the language page, the notation, the normal form. */
import { expect, test } from "vitest"
import { analyse } from "../../../electron/engine/core/compiler/analyse.ts"
import { parseInterface, parseType, showInterface } from "../../../electron/engine/core/interface.ts"

const examples: readonly (readonly [source: string, text: string, hash: string])[] = [
  ["(+ 1 2)", "(interface 1 [:fn [] :any] [])", "d8e9e028695f1e97023c0b74728c0c28bd6388ea1a90f434bc522682b897e707"],
  [
    "(defn add [a : int b :int] : Int (+ a b))",
    "(interface 1 [:fn [:int :int] :int] [])",
    "7d685136673ad1f072ef4479861496d92474bf36935c7c2f04bdff7eb65a9f6c"
  ],
  [
    "(defn add [first : :int second : :int] : :int (+ second first))",
    "(interface 1 [:fn [:int :int] :int] [])",
    "7d685136673ad1f072ef4479861496d92474bf36935c7c2f04bdff7eb65a9f6c"
  ],
  [
    "(defn tag [x & xs : :string] x)",
    "(interface 1 [:fn [:any & :string] :any] [])",
    "0e27c28a4653986cf023f472e4570e8c38c25a01899b7fe8412f2499312fd2f9"
  ],
  [
    "(defn f [x : int?] : [:union :string [:union :nil :int]] x)",
    "(interface 1 [:fn [[:union :int :nil]] [:union :int :nil :string]] [])",
    "4b2a5e8ed493b45c795528a181ed795704b193034874c84127e6dc313e238d25"
  ],
  [
    "(defn area [{:keys [w h]} : [:record [:w :float] [:h :float] [:label :string ?]]] : :float (* w h))",
    "(interface 1 [:fn [[:map [:h :float] [:label :string ?] [:w :float]]] :float] [])",
    "5efb123485e633a8d6b467c9579ac2c620109d06cf12cd0ebe870adcfc033bce"
  ],
  [
    "(defn clamp [n : [:and :int [:>= 0] [:<= 100] [:!= 50]]] : [:dict :keyword [:vector int]] {:n [n]})",
    "(interface 1 [:fn [[:and :int [:!= 50] [:<= 100] [:>= 0]]] [:map-of :keyword [:vector :int]]] [])",
    "bfc03d3f589e7dfeb7db480983e0fa7f2835fff2a955a0040c0ccd2dcd108e1e"
  ],
  [
    '(defn fetch [k : [:enum :b :a "z" 2]] : :any (call :kv.put k (call :kv.get k)))',
    '(interface 1 [:fn [[:enum 2 "z" :a :b]] :any] ["kv.get" "kv.put"])',
    "2e8047b15b740543494fe06964578fc4f5c3e6392c4464c66f3e221f6204acb4"
  ],
  [
    "(defn twice [f : [:=> [:int] :int] g : :fn] : :int (f (f (g (context/get :seed)))))",
    '(interface 1 [:fn [[:fn [:int] :int] :fn] :int] ["context/get"])',
    "ca34bfd1cffb4edc193cd041487dc2347563681d88574cdb10f74ae497d5e6b2"
  ],
  [
    "(module m (:exports [limit]) (def limit : :int 5))",
    "(interface 1 [:fn [] :int] [])",
    "ebece95619242d0db52500b47a89abd323ec659dac649cd9931bc287c19d405c"
  ]
]

test.each(examples)("the Interface of %s", (source, text, hash) => {
  const analysed = analyse(source)
  if (analysed.kind === "rejected") throw new Error(analysed.diagnostics[0]?.message)
  expect(analysed.interface.text).toBe(text)
  expect(analysed.interface.hash).toBe(`sha256:${hash}`)
})

const spellings: readonly (readonly [typed: string, canonical: string])[] = [
  ["(int, Int) -> int", "(interface 1 [:fn [:int :int] :int] [])"],
  ["[:fn [:int :int] :int]", "(interface 1 [:fn [:int :int] :int] [])"],
  ["(interface 1 [:fn [:int :int] :int] [])", "(interface 1 [:fn [:int :int] :int] [])"],
  ["(any, & string) -> any", "(interface 1 [:fn [:any & :string] :any] [])"],
  ['(any) -> any ! ["kv.put" "kv.get" "kv.put"]', '(interface 1 [:fn [:any] :any] ["kv.get" "kv.put"])'],
  ["() -> any", "(interface 1 [:fn [] :any] [])"],
  ["( & int)->any", "(interface 1 [:fn [& :int] :any] [])"],
  ["(Gadget?, [:val nil]) -> [:and any [:> 1.0]]", "(interface 1 [:fn [[:union :Gadget :nil] :nil] [:and :any [:> 1.0]]] [])"],
  ["([:union int any]) -> [:union never]", "(interface 1 [:fn [:any] :never] [])"],
  [
    "([:map {:b int :a string ?} [:* int] [:* float]]) -> [:array int [2 ?]]",
    "(interface 1 [:fn [[:map [:a :string ?] [:b :int] [:* [:union :float :int]]]] [:array :int [2 ?]]] [])"
  ],
  [
    "([:and int [:and int [:required-keys [:b :a]]]]) -> [:enum 1]",
    "(interface 1 [:fn [[:and :int [:required-keys [:a :b]]]] [:val 1]] [])"
  ]
]

test.each(spellings)("%s is read as its canonical text", (typed, canonical) => {
  const parsed = parseInterface(typed)
  expect(parsed).toMatchObject({ kind: "interface", interface: { text: canonical } })
})

test.each(spellings)("the arrow form of %s reads back as the same Interface", (_, canonical) => {
  const again = parseInterface(showInterface(canonical))
  expect(again).toMatchObject({ kind: "interface", interface: { text: canonical } })
})

test("the arrow form shows capabilities and rest", () => {
  expect(showInterface('(interface 1 [:fn [:int & :string] :any] ["kv.get"])')).toBe('(:int, & :string) -> :any ! ["kv.get"]')
})

const malformed: readonly (readonly [typed: string, offset: number])[] = [
  ["", 0],
  ["(int int) -> int", 4],
  ["(int,, int) -> int", 4],
  ["(, int) -> int", 1],
  ["(int) -> ", 8],
  ["(int) int", 6],
  ["(?a) -> ?a", 1],
  ["[:vector int]", 0],
  ["(interface 2 [:fn [] :any] [])", 11],
  ["(int) -> [:frobnicate int]", 10],
  ["(int) -> int ! [kv]", 16],
  ["(& int, int) -> int", 1]
]

test.each(malformed)("%s is refused where it goes wrong", (typed, offset) => {
  expect(parseInterface(typed)).toMatchObject({ kind: "malformed", offset })
})

test("variables are read only where Find asks for them", () => {
  expect(parseType("([:vector ?a], (?a)) -> ?b", true)).toMatchObject({ kind: "malformed" })
  expect(parseType("([:vector ?a], [:fn [?a] ?b]) -> [:vector ?b]", true)).toMatchObject({
    kind: "type",
    variables: ["a", "b"],
    capabilities: null
  })
  expect(parseType("(?a) -> ?a", false)).toMatchObject({ kind: "malformed" })
})
