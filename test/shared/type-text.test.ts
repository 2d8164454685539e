import { describe, expect, test } from "vitest"
import { arrowText, readInterface, readType, shownType, TypeTextError } from "../../shared/type-text.ts"

describe("reading an Interface", () => {
  const canonical: readonly (readonly [text: string, arrow: string])[] = [
    ["(interface 1 [:fn [] :any] [])", "() -> :any"],
    ["(interface 1 [:fn [:int :int] :int] [])", "(:int, :int) -> :int"],
    ["(interface 1 [:fn [:any & :string] :any] [])", "(:any, & :string) -> :any"],
    ["(interface 1 [:fn [[:union :int :nil]] [:union :int :nil :string]] [])", "([:union :int :nil]) -> [:union :int :nil :string]"],
    [
      "(interface 1 [:fn [[:map [:h :float] [:label :string ?] [:w :float]]] :float] [])",
      "([:map [:h :float] [:label :string ?] [:w :float]]) -> :float"
    ],
    [
      "(interface 1 [:fn [[:and :int [:!= 50] [:<= 100] [:>= 0]]] [:map-of :keyword [:vector :int]]] [])",
      "([:and :int [:!= 50] [:<= 100] [:>= 0]]) -> [:map-of :keyword [:vector :int]]"
    ],
    ['(interface 1 [:fn [[:enum 2 "z" :a :b]] :any] ["kv.get" "kv.put"])', '([:enum 2 "z" :a :b]) -> :any ! ["kv.get" "kv.put"]'],
    ['(interface 1 [:fn [[:fn [:int] :int] :fn] :int] ["context/get"])', '([:fn [:int] :int], :fn) -> :int ! ["context/get"]']
  ]

  test.each(canonical)("%s is shown as %s", (text, arrow) => {
    expect(arrowText(readInterface(text))).toBe(arrow)
  })

  test.each(canonical)("%s and its arrow form have one shape", (text, arrow) => {
    expect(readInterface(arrow)).toEqual(readInterface(text))
  })

  test.each(["(int, Int) -> int", "[:fn [:int :int] :int]", "( int,Int )->int", "[:=> [int int] Int]"])(
    "%s is example 2 of the language page",
    text => {
      expect(readInterface(text)).toEqual(readInterface("(interface 1 [:fn [:int :int] :int] [])"))
    }
  )

  test("variables of Find are kept", () => {
    expect(readInterface("(int, ?a) -> ?a")).toMatchObject({
      parameters: [{ kind: "primitive" }, { kind: "variable", name: "a" }],
      result: { kind: "variable" }
    })
  })

  test.each([
    ["", 0],
    ["int", 0],
    ["(int", 4],
    ["(int) ->", 8],
    ["(int] -> int", 4],
    ["(int) -> int int", 13],
    ["(int) -> int !", 14],
    ["(int) -> int ! [kv]", 16],
    ["(& int int) -> int", 1],
    ['("int") -> int', 1],
    ["([:vector]) -> int", 1],
    ["(interface 2 [:fn [] :any] [])", 0],
    ['(int) -> "', 9]
  ])("%j is refused at %i", (text, position) => {
    expect(() => readInterface(text)).toThrow(expect.objectContaining({ name: "TypeTextError", position }))
  })

  test("nesting and length are bounded", () => {
    expect(() => readType(`${"[:vector ".repeat(100)}:int${"]".repeat(100)}`)).toThrow(TypeTextError)
    expect(() => readType(":int ".repeat(4_000))).toThrow(TypeTextError)
  })

  test("a text that cannot be read is shown as it is", () => {
    expect(shownType("?!")).toBe("?!")
  })
})

describe("reading a type", () => {
  test.each([
    ["string?", { kind: "union", members: [{ name: "string" }, { name: "nil" }] }],
    ["[:tuple :int :string]", { kind: "tuple", items: [{ name: "int" }, { name: "string" }] }],
    ["[:dict :keyword :int]", { kind: "map-of", key: { name: "keyword" }, value: { name: "int" } }],
    ["[:array :float [3 ?]]", { kind: "array", item: { name: "float" }, length: 3 }],
    ["[:array :float]", { kind: "array", length: null }],
    ["[:val :x]", { kind: "enum", values: [":x"] }],
    [
      "[:map {:a :int :b :string ?} [:* :any]]",
      {
        kind: "map",
        entries: [
          { key: ":a", optional: false },
          { key: ":b", optional: true }
        ]
      }
    ],
    [
      '[:and :string [:min-length 1] [:matches-regex "^[a-z]"]]',
      { kind: "and", base: { name: "string" }, refinements: ["[:min-length 1]", '[:matches-regex "^[a-z]"]'] }
    ],
    ["[:resource db]", { kind: "other" }],
    [":number", { kind: "other", text: ":number" }]
  ])("%s", (text, tree) => {
    expect(readType(text)).toMatchObject(tree)
  })
})
