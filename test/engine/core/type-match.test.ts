import { describe, expect, it } from "vitest"
import { parseInterface, parseType } from "../../../electron/engine/core/interface.ts"
import { fitOf, matchesType, typeFit } from "../../../electron/engine/core/type-match.ts"

function asked(type: string) {
  const parsed = parseType(type, true)
  if (parsed.kind === "malformed") throw new Error(parsed.message)
  return parsed
}

function canonical(type: string) {
  const parsed = parseInterface(type)
  if (parsed.kind === "malformed") throw new Error(parsed.message)
  return parsed.interface.text
}

const fit = (type: string, found: string) => typeFit(asked(type), canonical(found))

describe("an Interface fits a TYPE", () => {
  it.each([
    ["equal", "(int, string) -> bool", "(Int, :string) -> :bool", 0],
    ["equal after normalising", "([:union nil int]) -> any", "(int?) -> any", 0],
    ["a variable for one type", "([:vector ?a]) -> ?a", "([:vector int]) -> int", 0],
    ["a variable for a compound type", "([:vector ?a]) -> ?a", "([:vector [:vector string]]) -> [:vector string]", 0],
    ["two variables for the same type", "(?a, ?b) -> ?a", "(int, int) -> int", 0],
    ["a variable shared among places", "(?a, [:vector ?a]) -> [:map-of ?a ?b]", "(string, [:vector string]) -> [:map-of string int]", 0],
    ["a variable in a union", "([:union ?a nil]) -> ?a", "(int?) -> int", 0],
    ["a variable for the rest of a union", "([:union ?a nil]) -> ?a", "([:union int string nil]) -> [:union int string]", 0],
    [
      "a variable in a function type",
      "([:fn [?a] ?b], [:vector ?a]) -> [:vector ?b]",
      "([:fn [int] string], [:vector int]) -> [:vector string]",
      0
    ],
    ["a variable in a rest parameter", "(& ?a) -> ?a", "(& int) -> int", 0],
    ["more effects where none are stated", "(int) -> int", '(int) -> int ! ["kv.get"]', 0]
  ])("%s, at no distance", (_, type, found, distance) => {
    expect(fit(type, found)).toEqual({ distance, order: null, notes: [] })
    expect(matchesType(asked(type), canonical(found))).toBe(true)
  })

  it.each([
    ["parameters in another order", "(int, string) -> bool", "(string, int) -> bool", [1, 0], "another order"],
    ["another order that binds a variable", "(?a, [:vector ?a]) -> bool", "([:vector int], int) -> bool", [1, 0], "another order"],
    ["three parameters in another order", "(int, string, bool) -> any", "(bool, int, string) -> any", [2, 0, 1], "another order"],
    ["a parameter that takes more", "(int) -> bool", "(float) -> bool", null, ":int stands for :float"],
    ["a parameter that may be nil", "(int) -> bool", "(int?) -> bool", null, ":int stands for"],
    ["a parameter that takes anything", "([:vector int]) -> int", "(any) -> int", null, "stands for :any"],
    ["a vector where a tuple comes", "([:tuple int int]) -> int", "([:vector int]) -> int", null, "stands for"],
    ["a result that promises more", "(int) -> float", "(int) -> int", null, ":int stands for :float"],
    ["one of the results asked for", '(int) -> [:enum "a" "b"]', '(int) -> [:val "a"]', null, "stands for"],
    ["a literal for its kind", "(string) -> string", '(string) -> [:enum "yes" "no"]', null, "stands for :string"],
    ["a map with more keys as result", "(int) -> [:map [:a int]]", "(int) -> [:map [:a int] [:b int]]", null, "further keys: :b"],
    ["a parameter map that may lack a key", "([:map [:a int]]) -> int", "([:map [:a int] [:b int ?]]) -> int", null, "may be absent"],
    ["a refined result", "(int) -> int", "(int) -> [:and int [:>= 0]]", null, "stands for :int"],
    ["a wider refinement of a parameter", "([:and int [:>= 5]]) -> int", "([:and int [:>= 0]]) -> int", null, "stands for"],
    ["a rest parameter for single ones", "(string, string) -> string", "(& string) -> string", null, "further arguments"],
    ["a function of another type", "([:fn [int] int]) -> int", "(fn) -> int", null, "stands for :fn"]
  ])("%s, at distance 1 and said", (_, type, found, order, note) => {
    expect(fit(type, found)).toMatchObject({ distance: 1, order, notes: [expect.stringContaining(note as string)] })
    expect(matchesType(asked(type), canonical(found))).toBe(false)
  })

  it.each([
    ["takes only some values", "(int) -> int", "([:and int [:>= 0]]) -> int", 2, "it takes only"],
    ["may answer nil", "([:vector ?a]) -> ?a", "([:vector int]) -> int?", 2, "it may answer nil"],
    [
      "may answer floats for integers",
      "([:vector int]) -> [:vector int]",
      "([:vector int]) -> [:vector float]",
      2,
      "it may answer a float"
    ],
    ["declares no result", "(int) -> int", "(int) -> any", 3, "its result is not declared"],
    ["takes more and promises more", "(int, int) -> float", "(float, int) -> int", 2, ":int stands for :float"],
    ["takes anything and declares nothing", "(int, string) -> bool", "(any, any) -> any", 5, "its result is not declared"]
  ])("one that %s, further away", (_, type, found, distance, note) => {
    expect(fit(type, found)).toMatchObject({ distance, notes: expect.arrayContaining([expect.stringContaining(note as string)]) })
  })
})

describe("an Interface does not fit where", () => {
  it.each([
    ["a variable would be two types", "([:vector ?a]) -> ?a", "([:vector int]) -> string"],
    ["a variable would be a type and what it stands within", "(?a) -> ?a", "(float) -> int"],
    ["the number of parameters differs", "(int) -> int", "(int, int) -> int"],
    ["there are too few for a rest parameter", "(int) -> int", "(int, int, & int) -> int"],
    ["a rest parameter is asked and there is none", "(& int) -> int", "(int) -> int"],
    ["a parameter takes less of another kind", "(float) -> int", "(int) -> int"],
    ["nil is given and not taken", "(int?) -> int", "(int) -> int"],
    ["a result is another", "(int) -> int", "(int) -> string"],
    ["a result promises less", "(int) -> bool", "(int) -> [:union bool string]"],
    ["a map lacks a key", "(int) -> [:map [:a int]]", "(int) -> [:map [:b int]]"],
    ["a needed key may be absent", "([:map [:a int ?]]) -> int", "([:map [:a int]]) -> int"],
    ["the effects stated differ", '(int) -> int ! ["kv.get"]', "(int) -> int"],
    ["effects are stated as none", "(int) -> int ! []", '(int) -> int ! ["kv.get"]'],
    ["a union holds another member", "(int) -> [:union int string]", "(int) -> [:union int bool]"],
    ["an alias is another", "(:money) -> int", "(:weight) -> int"],
    ["a tuple is of another length", "([:tuple int int int]) -> int", "([:tuple int int]) -> int"]
  ])("%s", (_, type, found) => expect(fit(type, found)).toBeNull())
})

it("the nearest order is taken: no other order where the asked one fits", () => {
  expect(fit("(int, int) -> int", "(int, float) -> int")).toMatchObject({ order: null, distance: 1 })
})

it("types built to be costly end without an answer, not without end", () => {
  const members = Array.from({ length: 40 }, (_, at) => `[:vector [:tuple ?v${at} int]]`).join(" ")
  const found = Array.from({ length: 40 }, (_, at) => `[:vector [:tuple [:map [:k${at} int]] int]]`)
    .reverse()
    .join(" ")
  const type = `([:union ${members}], int, string, bool, float, nil) -> int`
  fitOf(asked(type), asked(`([:union ${found}], nil, float, bool, string, int) -> string`))
})
