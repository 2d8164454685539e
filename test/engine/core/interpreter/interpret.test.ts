/** The interpreter: how runs end, what counts as a call, and the language's finer points that no conformance case shows. */
import { describe, expect, test } from "vitest"
import { loadPinnedRuntime } from "../../../../electron/engine/adapters/pinned-runtime.ts"
import { createRuntimeFunctions } from "../../../../electron/engine/adapters/runtime-functions.ts"
import type { AnalyseOptions } from "../../../../electron/engine/core/compiler/analyse.ts"
import { analyse } from "../../../../electron/engine/core/compiler/analyse.ts"
import { infer } from "../../../../electron/engine/core/compiler/infer.ts"
import { digestOf } from "../../../../electron/engine/core/digest.ts"
import type { Interpreted, InterpretOptions } from "../../../../electron/engine/core/interpreter/interpret.ts"
import { interpret } from "../../../../electron/engine/core/interpreter/interpret.ts"
import { readLiteral } from "../../../../electron/engine/core/literal.ts"
import { printValue } from "../../../../electron/engine/core/print.ts"
import { utf8Encode } from "../../../../electron/engine/core/utf8.ts"
import type { Value } from "../../../../shared/value.ts"

const functions = createRuntimeFunctions(loadPinnedRuntime().bytes)

function run(source: string, options: Partial<InterpretOptions> = {}, analysis: AnalyseOptions = { programMode: true }): Interpreted {
  const analysed = analyse(source, analysis)
  if (analysed.kind === "rejected") throw new Error(analysed.diagnostics.map(diagnostic => diagnostic.message).join("; "))
  const plain = interpret(analysed.program, { functions, ...options })
  const inferred = interpret(infer(analysed.program), { functions, ...options })
  expect(show(inferred)).toBe(show(plain))
  return plain
}

function show(ended: Interpreted): string {
  switch (ended.kind) {
    case "returned":
      return printValue(ended.value)
    case "failed":
      return `!${ended.category} ${ended.message}`
    case "needs-host":
      return `host ${ended.capability} ${printValue(ended.arguments)} #${ended.call}`
    case "out-of-fuel":
      return "out of fuel"
    default:
      return ended.kind
  }
}

function literal(text: string): Value {
  const parsed = readLiteral(text)
  if (parsed.kind === "malformed") throw new Error(parsed.message)
  return parsed.value
}

const programs: readonly (readonly [name: string, source: string, end: string])[] = [
  ["a redefinition is not seen by an earlier closure", "(def a 1) (def f (fn [] a)) (def a 2) [(f) a]", "[1 2]"],
  [
    "a forward reference means the first later definition",
    "(defn f [] (g)) (defn g [] 1) (def x (f)) (defn g [] 2) [x (f) (g)]",
    "[1 1 2]"
  ],
  ["a forward reference before its definition raises", "(defn f [] (g)) (try (f) (catch e (getMessage e))) (defn g [] 1)", "#<fn>"],
  [
    "…and the message names it",
    "(defn f [] (g)) (def m (try (f) (catch e (getMessage e)))) (defn g [] 1) [m (f)]",
    '["Undefined symbol: g" 1]'
  ],
  ["definitions in a body are local and may refer forward", "(defn f [] (def a (fn [] (b))) (def b (fn [] 7)) (a)) (f)", "7"],
  ["a definition in a let does not leak", "(let [z 9] (def leak 1)) (try leak (catch e :none))", ":none"],
  ["a definition under a condition holds where it was reached", "(if false (def a 1) (def b 2)) [(try a (catch e :no)) b]", "[:no 2]"],
  ["a closure captures a conditional definition by value", "(if true (def a 1)) (def f (fn [] a)) (if true (def a 2)) [(f) a]", "[1 2]"],
  ["a closure made before a conditional definition finds it when it runs", "(def f (fn [] a)) (if true (def a 5)) (f)", "5"],
  ["a conditional definition falls back on the outer binding", "(def a 1) (let [] (if false (def a 2)) a)", "1"],
  ["…also for closures", "(def a 1) (let [] (if false (def a 2)) ((fn [] (fn [] a))) (((fn [] (fn [] a)))))", "1"],
  ["step-loop sees its own definitions", "(def n 0) (step-loop (< n 3) (def n (+ n 1))) n", "3"],
  ["step-loop gives up after 10,000 turns", "(step-loop true 1)", "!runtime-error Runtime error: step-loop ran more than 10000 iterations"],
  ["a def under try may not be reached", "(do (try (do (nth [] 1) (def x 1)) (catch e 0)) (try x (catch e :none)))", ":none"],
  [
    "let functions see each other, before and after",
    "(let [a (fn [n] (if (= n 0) :a (b (- n 1)))) b (fn [n] (if (= n 0) :b (a (- n 1))))] [(a 3) (b 3)])",
    "[:b :a]"
  ],
  [
    "a let function called before its partner raises",
    "(let [a (fn [] (b)) x (try (a) (catch e :early)) b (fn [] 1)] [x (a)])",
    "[:early 1]"
  ],
  ["other mentions mean the outer binding", "(let [x 1] (let [x (+ x 1)] x))", "2"],
  ["a name bound twice means the nearest function at or before", "(let [f (fn [] 1) g (fn [] (f)) f (fn [] 2)] [(g) (f)])", "[1 2]"],
  ["…else the next after", "(let [g (fn [] (f)) f (fn [] 2)] (g))", "2"],
  ["get with one name is the variable or nil", "(let [k 5] [(get :k) (get k) (get :nope)])", "[5 5 nil]"],
  ["a special form's name may be a value", "(let [if 5 do 6] [(if true if 0) do])", "[5 6]"],
  ["any expression may be a head", "((if true + -) 1 2)", "3"],
  ["keywords are functions", "[(:a {:a 1}) (:a nil 2) (map :a [{:a 1} nil]) (apply :a [{:b 1} 3])]", "[1 2 [1 nil] 3]"],
  [
    "a self tail call does not count, others do",
    "(defn f [n] (if (= n 0) :done (f (- n 1)))) (defn a [n] (if (= n 0) :done (b (- n 1)))) (defn b [n] (a n)) [(f 100000) (a 4000) (try (a 100000) (catch e (getMessage e)))]",
    '[:done :done "Recursion limit exceeded"]'
  ],
  [
    "10,000 calls may be active",
    "(defn f [n] (if (= n 0) 0 (+ 1 (f (- n 1))))) [(f 9999) (try (f 10000) (catch e :deep))]",
    "[9999 :deep]"
  ],
  [
    "calls that map makes count",
    "(defn f [n] (if (= n 0) 0 (+ 1 (first (map f [(- n 1)]))))) [(f 9999) (try (f 10000) (catch e :deep))]",
    "[9999 :deep]"
  ],
  ["there are no atoms", "(def log (atom 1))", "!undefined-symbol Undefined symbol: atom"],
  ["an error in finally replaces the result", "(try (try 1 (finally (/ 1 0))) (catch e (getMessage e)))", '"Division by zero"'],
  [
    "an error in a handler passes finally",
    "(try (try (/ 1 0) (catch e (nth [] 3)) (finally 9)) (catch e (getMessage e)))",
    '"Index 3 out of bounds for collection of length 0"'
  ],
  ["arguments are evaluated before arity", "(defn f [x] x) (try (f (/ 1 0) 2) (catch e (getMessage e)))", '"Division by zero"'],
  [
    "parameter types are checked after all arguments",
    "(defn f [x : int y] x) (try (f :k (/ 1 0)) (catch e (getMessage e)))",
    '"Division by zero"'
  ],
  [
    "types come before destructuring",
    "(defn f [[a] : [:vector int] b : string] a) (try (f [1 2] 3) (catch e (getMessage e)))",
    '"Type validation failed: expected :string, got integer"'
  ],
  ["each rest element is checked", "(defn f [& xs : int] xs) [(f 1 2) (try (f 1 :a) (catch e :no))]", "[(1 2) :no]"],
  ["match binds nothing of a failed clause", "(let [a 1] (match [1 2] [a 3] a _ a))", "1"],
  ["map patterns are exact unless & r", "[(match {:a 1 :b 2} {:a x} x _ :no) (match {:a 1 :b 2} {:a x & r} [x r])]", "[:no [1 {:b 2}]]"],
  ["for varies the rightmost fastest", "(for [x [1 2] y [:a :b]] [x y])", "[[1 :a] [1 :b] [2 :a] [2 :b]]"],
  ["closures in loops have a value each", "(map (fn [f] (f)) (for [x [1 2 3]] (fn [] x)))", "[1 2 3]"],
  ["a macro splices", "(defmacro m [x & r] `(vector ~x ~@r ~r)) (m 1 2 3)", "[1 2 3 [2 3]]"],
  [
    "a function equals itself only",
    "(let [f (fn [] 1) g (fn [] 1)] [(= f f) (= f g) (= + +) (= join string-join)])",
    "[true false true false]"
  ],
  ["integers are exact or an error", "(try (* 4611686018427387904 2) (catch e (getMessage e)))", '"Integer overflow in *"'],
  ["a fold becomes a float once one appears", "[(+ 1 2 3.5) (- 5 1.0) (/ 7 2) (/ 6 3) (/ 6.0 1.5)]", "[6.5 4.0 3.5 2 4]"]
]

test.each(programs)("%s", (_, source, end) => {
  expect(show(run(source))).toBe(end)
})

describe("endings", () => {
  test("an uncaught error tells where it arose", () => {
    const ended = run("(defn f [x]\n  (+ x :a))\n(f 1)")
    expect(ended).toMatchObject({ kind: "failed", category: "type-error", site: { unit: 0, start: 14, end: 22 } })
  })

  test("an error that passed a finally keeps its place", () => {
    expect(run("(try (/ 1 0) (finally 2))")).toMatchObject({ kind: "failed", category: "division-by-zero" })
  })

  test("fuel ends a run, and no program can catch that", () => {
    expect(show(run("(defn f [n] (f (+ n 1))) (try (f 0) (catch e :caught) (finally 1))", { fuelMax: 10_000 }))).toBe("out of fuel")
    expect(show(run("(count (range 0 1000000000))", { fuelMax: 10_000 }))).toBe("out of fuel")
  })

  test("a host call without an answer ends the run, with its arguments evaluated", () => {
    expect(show(run('(try (call :kv.get "k" (+ 1 2)) (catch e 1))'))).toBe('host kv.get ["k" 3] #0')
  })

  test("recorded answers are given in order; one that does not fit counts as none", () => {
    const source = "[(call :a 1) (try (call :b) (catch e (getMessage e))) (context/get :user)]"
    const answers = [
      { capability: "a", arguments: [1n], value: literal("{:x 1}") },
      { capability: "b", arguments: [], failure: "no such table" },
      { capability: "context/get", arguments: [literal(":user")], value: "ann" }
    ]
    expect(show(run(source, { answers }))).toBe('[{:x 1} "no such table" "ann"]')
    expect(show(run(source, { answers: answers.slice(0, 2) }))).toBe("host context/get [:user] #2")
    expect(show(run(source, { answers: answers.slice(1) }))).toBe("host a [1] #0")
  })

  test("a function or error does not reach the host", () => {
    expect(show(run("(call :a [{:f inc}])"))).toBe("!type-error Type error in call: expected plain data, got function")
  })

  test("an unknown export is rejected", () => {
    expect(run("1", { entry: "nope" })).toMatchObject({ kind: "rejected", reason: "no-such-export" })
  })
})

describe("modules", () => {
  const unit = (name: string, source: string, imports: NonNullable<AnalyseOptions["imports"]> = []) => ({
    name,
    source,
    digest: digestOf(utf8Encode(source)),
    imports
  })
  const numbers = unit(
    "num.base",
    "(module num.base (:exports [double limit]) (def limit (+ 40 2)) (defn half [x] (/ x 2)) (defn double [x] (* 2 x)))"
  )
  const user = "(import num.base :as n :only [double]) (defn run [x] [(double x) (n/double x) (num.base/double x) n/limit])"

  test("exports are reached by name, alias and :only; values are evaluated once", () => {
    expect(show(run(user, { args: [4n] }, { imports: [numbers] }))).toBe("[8 8 8 42]")
  })

  test("imports of imports are linked, each once", () => {
    const middle = unit("mid", "(import num.base) (defn four [x] (num.base/double (num.base/double x)))", [numbers])
    const source = "(import mid) (import num.base :as b) (defn run [] [(mid/four 1) (b/double 1)])"
    expect(show(run(source, {}, { imports: [middle, numbers] }))).toBe("[4 2]")
  })

  test("an export that captures runs", () => {
    expect(show(run("(def x (if true (def y 1))) (defn f [z] (+ y z))", { args: [2n] }, {}))).toBe("3")
  })

  test("arguments of the wrong number are an arity mismatch", () => {
    expect(show(run("(defn f [a b] a)", { args: [1n] }, {}))).toBe(
      "!arity-mismatch Arity mismatch in user-defined function: expected 2, got 1"
    )
  })
})
