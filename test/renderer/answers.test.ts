import { expect, test } from "vitest"
import { answersOf, answersProblem, printAnswers, readAnswers, rowsOf } from "../../renderer/features/run/answers.ts"

const recorded = [
  { capability: "kv.get", arguments: '["a"]', value: '{:n 1 :text "é"}' },
  { capability: "kv.get", arguments: '["b"]', failure: "not there" }
]

test("answers, rows and JSON say the same", () => {
  expect(answersOf(rowsOf(recorded))).toEqual(recorded)
  expect(answersOf(readAnswers(printAnswers(rowsOf(recorded))))).toEqual(recorded)
  expect(answersProblem(rowsOf(recorded))).toBeNull()
})

test.each([
  ["no JSON", "[", /^Expected JSON: /],
  ["no list", "{}", /^Expected a JSON list/],
  ["an entry that is no object", "[null]", /^Answer 1: expected \{capability/],
  ["an answer that ended both ways", '[{"capability":"a","arguments":"[]","value":"1","failure":"x"}]', /^Answer 1/],
  ["a value that is no text", '[{"capability":"a","arguments":"[]","value":1}]', /^Answer 1/]
])("%s is refused with what was expected", (_, json, message) => {
  expect(() => readAnswers(json)).toThrow(message)
})

test.each([
  ["no capability", { capability: " " }, "Answer 1: expected the name of a capability"],
  ["arguments that are no vector", { arguments: "7" }, "Answer 1: expected a vector, such as [:name 1]"],
  ["an empty value", { text: "" }, /^Answer 1: /]
])("a row with %s is not run", (_, part, message) => {
  const row = { capability: "a", arguments: "[]", kind: "value", text: "1", ...part } as const
  const problem = answersProblem([row])
  if (typeof message === "string") expect(problem).toBe(message)
  else expect(problem).toMatch(message)
})

test("the words of a failure are any text", () => {
  expect(answersProblem([{ capability: "a", arguments: "[]", kind: "failure", text: "((" }])).toBeNull()
})
