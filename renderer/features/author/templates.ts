/** Drafts to begin from. */
import type { Draft } from "./draft.ts"

type Template = Pick<Draft, "source" | "task" | "examples">

export const emptyTemplate: Template = { source: "", task: "", examples: [{ args: "[]", result: "" }] }

export const templates: Readonly<Record<"empty" | "count" | "total" | "records", Template>> = {
  empty: emptyTemplate,
  count: {
    source:
      '; words of a text, however many blanks stand between them\n(defn count-words [text :string] :int\n  (count (filter (fn [word] (not (empty? word))) (split text " "))))\n',
    task: "Count the words of a text",
    examples: [
      { args: '["one two  three"]', result: "3" },
      { args: '[""]', result: "0" }
    ]
  },
  total: {
    source:
      "; the sum of what is positive\n(defn positive-sum [numbers : [:vector :int]] :int\n  (reduce (fn [sum n] (if (> n 0) (+ sum n) sum)) 0 numbers))\n",
    task: "Add up the positive numbers of a list",
    examples: [
      { args: "[[1 -2 3]]", result: "4" },
      { args: "[[]]", result: "0" }
    ]
  },
  records: {
    source:
      "; names of those who are of age, in order\n(defn adults [people : [:vector [:map [:name :string] [:age :int]]]] : [:vector :string]\n  (sort (map :name (filter (fn [person] (>= (:age person) 18)) people))))\n",
    task: "Names of all people of age, sorted",
    examples: [
      { args: '[[{:name "Grace" :age 37} {:name "Ada" :age 36} {:name "Tim" :age 9}]]', result: '["Ada" "Grace"]' },
      { args: "[[]]", result: "[]" }
    ]
  }
}
