import { expect, it } from "vitest"
import { scopesNeeded } from "../../electron/serve/scopes.ts"

it.each([
  ["find", { words: "x" }, ["read"]],
  ["find", { words: "x", examples: [] }, ["read"]],
  ["find", { examples: [{ args: "[]", result: "1" }] }, ["read", "run"]],
  ["find", { words: "x", probe: true }, ["read", "run"]],
  ["findStart", { examples: [{ args: "[]", result: "1" }] }, ["read", "run"]],
  ["findStart", null, ["read"]],
  ["findNext", { search: "x" }, ["read"]],
  ["probe", { digest: "abcd", against: "abcd" }, ["run"]],
  ["lookup", {}, ["lookup"]],
  ["lookup", { args: "[1]" }, ["lookup", "run"]]
] as const)("%s with %j needs %j", (verb, input, scopes) => expect(scopesNeeded(verb, input)).toEqual(scopes))
