import { describe, expect, it } from "vitest"
import { nameDoubts } from "../../shared/name-doubts.ts"

describe("doubts about a name", () => {
  it.each(["alice", "Zoë O'Neill", "Ольга", "Ελένη", "李明", "محمد", "team-7_b.c", "Жанна д'Арк"])("none: %s", name => {
    expect(nameDoubts(name)).toEqual([])
  })

  it.each([
    ["a mark that turns the writing", "bo\u202eb", /direction/],
    ["a zero-width joiner", "al\u200dice", /seen/],
    ["a soft hyphen", "al\u00adice", /seen/],
    ["a control character", "al\u0007ice", /control/],
    ["one foreign letter", "\u0430lice", /Latin and Cyrillic/],
    ["nothing but look-alikes", "\u0441\u043e\u0440\u0435", /look like Latin/],
    ["wide letters", "\uff41lice", /stand for others/]
  ])("one: %s", (_what, name, why) => {
    expect(nameDoubts(name).join()).toMatch(why)
  })
})
