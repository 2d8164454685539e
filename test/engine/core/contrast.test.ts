import { describe, expect, it } from "vitest"
import { contrastOf } from "../../../electron/engine/core/contrast.ts"

describe("two near wordings", () => {
  it.each([
    ["Return the largest number of a list.", "Return the smallest number of a list.", /"largest".*"smallest"/],
    ["Convert a temperature from Celsius to Fahrenheit.", "Convert a temperature from Fahrenheit to Celsius.", /another order/],
    ["Check whether a number is prime.", "Check whether a number is not prime.", /"not"/],
    ["Return the first 3 characters.", "Return the first 4 characters.", /number 3/],
    ["Return the first three characters.", "Return the first four characters.", /number 3/],
    ["Add two numbers.", "Add numbers.", /number 2/],
    ["Is a > b?", "Is a < b?", /sign >/],
    ["Subtract the first list from the second.", "Subtract the second list from the first.", /another order/]
  ])("%s / %s mean different things", (left, right, why) => {
    expect(contrastOf(left, right)).toMatch(why)
    expect(contrastOf(right, left)).not.toBeNull()
  })

  it.each([
    ["Return the largest number of a list.", "return the LARGEST number of the list"],
    ["Add two numbers", "Add 2 numbers."],
    ["Sort the words of a text.", "Please sort the words of a text."],
    ["Don't repeat a word", "Don’t repeat a word"],
    ["Return the sum.", "The sum is returned."]
  ])("%s / %s may be one", (left, right) => {
    expect(contrastOf(left, right)).toBeNull()
  })
})
