import { afterAll, describe, expect, test } from "vitest"
import { forkLaunch } from "../../../../electron/engine/adapters/child-process.ts"
import { openInterpreter } from "../../../../electron/engine/adapters/interpreter-line.ts"
import { loadPinnedRuntime } from "../../../../electron/engine/adapters/pinned-runtime.ts"
import { openWorkerSandbox } from "../../../../electron/engine/adapters/worker-sandbox.ts"
import { compile } from "../../../../electron/engine/core/compiler/compile.ts"
import { inner } from "../../../../electron/engine/core/compiler/inner.ts"
import { printIr } from "../../../../electron/engine/core/compiler/ir-print.ts"
import { eachNode } from "../../../../electron/engine/core/compiler/nodes.ts"
import { evaluate } from "../../../../electron/engine/evaluate.ts"

const runtime = loadPinnedRuntime()
const interpret = openInterpreter(forkLaunch)
const sandbox = openWorkerSandbox({ launch: forkLaunch })

afterAll(() => sandbox.close())

async function resultOf(source: string, engine: "wasm" | "interpreter"): Promise<string> {
  const outcome = await evaluate({ source, engine }, { runtime, sandbox, interpret })
  return outcome.kind === "returned" ? outcome.value : outcome.kind === "failed" ? `failed ${outcome.category}` : outcome.kind
}

/** Operations of the emitter alone that a program came to contain. */
function innerCalls(source: string): Set<number> {
  const compiled = compile(source, { mode: "program", runtime: runtime.abi })
  if (compiled.kind === "rejected") throw new Error(compiled.diagnostics.map(one => one.message).join("; "))
  const found = new Set<number>()
  for (const fn of compiled.program.functions) {
    eachNode(fn.body, node => {
      if (node.op === "call-builtin" && node.builtin >= inner.enter) found.add(node.builtin)
    })
  }
  return found
}

describe("a collection that is changed in place is nobody else's:", () => {
  test.each([
    ["(reduce (fn [m i] (assoc m i m)) {} (range 0 4))"],
    ["(let [base {:a 1}] [(reduce (fn [m i] (assoc m i i)) base (range 0 40)) base])"],
    ["(let [base [1 2 3]] [(reduce (fn [v i] (conj v i)) base (range 0 40)) base (conj base 9)])"],
    ["(reduce (fn [out i] (conj out (reduce (fn [m j] (assoc m j i)) {} (range 0 3)))) [] (range 0 3))"],
    ["(defn build [i m acc] (if (= i 3) [m acc] (build (+ i 1) (assoc m i i) (conj acc m)))) (build 0 {} [])"],
    ["(defn build [i m] (if (= i 3) (fn [] m) (build (+ i 1) (assoc m i i)))) ((build 0 {}))"],
    ["(reduce (fn [v i] (try (conj v (/ 1 i)) (catch e v))) [] [1 0 2])"],
    ["(try (reduce (fn [m i] (assoc m i (/ 1 (- 2 i)))) {} (range 0 4)) (catch e :failed))"],
    ["(reduce (fn [m i] (if (contains? m 1) m (assoc m i (count m)))) {} (range 0 4))"],
    ["(let [v (reduce conj [] [1 2 3])] [(conj v 4) (conj v 5) v])"],
    ["(reduce (fn [m i] (assoc m :in (assoc (get m :in) i i))) {:in {}} (range 0 3))"],
    ["(reduce (fn [v i] (assoc v 0 v)) [0] (range 0 3))"],
    ["(reduce (fn [m i] (let [old m] (assoc m i old))) {} (range 0 3))"],
    ["(reduce (fn [m i] (let [next (assoc m i i)] (if (even? i) next m))) {} (range 0 5))"],
    ["((fn [& r] (reduce (fn [l i] (conj l i)) r (range 0 3))) 7 8)"],
    ["(map (fn [n] (reduce (fn [m i] (assoc m i n)) {:k 1} (range 0 2))) [1 2])"]
  ])("%s", async source => {
    expect(await resultOf(source, "wasm")).toBe(await resultOf(source, "interpreter"))
  })

  test("and is changed in place where that is certain", () => {
    expect(innerCalls("(reduce (fn [m i] (assoc m i (get m i 0))) {} (range 0 9))")).toContain(inner.assocOwn)
    expect(innerCalls("(reduce (fn [v i] (conj v i)) [] (range 0 9))")).toContain(inner.conjOwn)
    expect(innerCalls("(reduce (fn [m i] (assoc m i m)) {} (range 0 9))")).not.toContain(inner.assocOwn)
    expect(innerCalls("(reduce (fn [m i] (let [old m] (assoc m i [old]))) {} (range 0 9))")).not.toContain(inner.assocOwn)
  })
})

describe("folds that became loops mean the same:", () => {
  test.each([
    ["(reduce + 0 (range 5 2))"],
    ["(reduce + 0 (range 1.5 3))"],
    ['(map inc "abc")'],
    ["(map 5 [])"],
    ["(map 5 [1])"],
    ["(filter odd? (range -3 4))"],
    ["(remove nil? [1 nil 2])"],
    ["(map-indexed (fn [i x] [i x]) (range 5 8))"],
    ["((fn [& r] (map-indexed (fn [i x] [i x]) r)) 1 2)"],
    ["(reduce (fn [a [k v]] (+ a v)) 0 [[:a 1] [:b 2]])"],
    ['(reduce (fn [a x : int] (+ a x)) 0 [1 2 "3"])'],
    ["(map (fn [x & r] [x r]) [1 2])"],
    ["(map (fn [] 1) [1])"],
    ["(defn f [x] (* x 2)) (let [g f] [(map f [1 2]) (map g [3]) (reduce (fn [a b] (f (+ a b))) 1 [1 2])])"],
    ["(map late [1]) (defn late [x] x)"],
    ["(try (reduce (fn [a x] (/ a x)) 1 [1 0]) (catch e (getMessage e)))"],
    ["(reduce max 0 (map :a [{:a 1} {:a 3}]))"],
    ["(let [k 10] (reduce (fn [a i] (+ a (* k i))) 0 (range 0 5)))"]
  ])("%s", async source => {
    expect(await resultOf(source, "wasm")).toBe(await resultOf(source, "interpreter"))
  })
})

test("a call put inline still counts against the recursion limit", async () => {
  const source = (depth: number) => `(defn leaf [x] (+ x 1)) (defn down [n] (if (= n 0) (leaf 0) (+ 1 (down (- n 1))))) (down ${depth})`
  expect(innerCalls(source(1))).toContain(inner.enter)
  for (const depth of [9_998, 9_999, 10_000])
    expect(await resultOf(source(depth), "wasm")).toBe(await resultOf(source(depth), "interpreter"))
})

describe("a loop that goes through vectors finds every element:", () => {
  test.each([
    ["(reduce + 0 (map (fn [x] (* x x)) (filter even? (range 0 3000))))"],
    ["(count (map (fn [x] x) (map inc (range 0 40000))))"],
    ["(reduce (fn [a x] (+ (* a 31) (mod x 7))) 1 (drop 5 (map inc (range 0 12))))"],
    ["(let [v (map inc (range 0 70))] (reduce + 0 (rest (rest v))))"],
    ["(let [r (range 5 2000)] (reduce (fn [a x] (mod (+ (* a 3) x) 1000003)) 0 r))"],
    ["(for [x (range 0 40) y [1 2 3]] [x y])"],
    ["(for [row [[1 2] [3 4] [5 6]] x row] (* x 2))"],
    ["(map (fn [i] (let [row (map (fn [j] (+ i j)) (range 0 50))] (nth row i))) (range 0 50))"],
    ["(dotimes [i 3] (reduce + 0 (map (fn [x] (* x i)) [1 2 3])))"],
    ["(defn walk [i v] (if (= i 40) v (walk (inc i) (map (fn [x] (+ x i)) v)))) (walk 0 (range 0 100))"],
    ["(reduce (fn [acc x] (conj acc (count acc) x)) [] (range 0 40))"],
    ['(let [v (map str (range 0 100))] (reduce (fn [s x] (str s x)) "" v))'],
    ["((fn [& xs] (reduce + 0 (map (fn [x] (* 2 x)) (for [x xs] x)))) 1 2 3)"],
    ["(map-indexed (fn [i x] (* i x)) (map inc (range 0 70)))"]
  ])("%s", async source => {
    expect(await resultOf(source, "wasm")).toBe(await resultOf(source, "interpreter"))
  })
})

describe("elements are held raw only where all of them are of one kind:", () => {
  test.each([
    ['(let [v [1 2.5 "a"]] (str (nth v 0) (nth v 1) (nth v 2)))'],
    ["(reduce + 0 [1 2.5 3])"],
    ["(+ (first [1 2]) (last [3.5]))"],
    ["(first [])"],
    ["(= nil (first (filter even? [1 3])))"],
    ["(+ 1 (first (filter even? [1 3])))"],
    ["(nth [1 2] 5)"],
    ["(nth [1 2] 5 :none)"],
    ["(reduce + 0 (conj [1 2] 0.5))"],
    ["(reduce (fn [a x] (+ a (if x 1 0))) 0 (map even? (range 0 9)))"],
    ["(reduce + 9223372036854775807 [1])"],
    ["(for [x [1 nil 3]] (if (nil? x) :none (inc x)))"],
    ["(let [v (for [x [1 2]] x)] (reduce (fn [a x] (+ a x)) 0.5 v))"],
    ["(reduce (fn [v i] (assoc v 0 :k)) (map inc (range 0 3)) [1])"],
    ['(reduce + 0 (map count (split "a,bb,ccc" ",")))']
  ])("%s", async source => {
    expect(await resultOf(source, "wasm")).toBe(await resultOf(source, "interpreter"))
  })
})

test("a counting loop is charged for each of its turns, and ends when there is no fuel for them", async () => {
  const spentOn = async (turns: number, fuelMax: number) =>
    evaluate(
      { source: `(reduce (fn [a i] (+ a i)) 0 (range 0 ${turns}))`, engine: "wasm", limits: { fuelMax } },
      { runtime, sandbox, interpret }
    )
  const [none, some, many] = [await spentOn(0, 1e9), await spentOn(300, 1e9), await spentOn(100_000, 1e9)]
  if (none.kind !== "returned" || some.kind !== "returned" || many.kind !== "returned") throw new Error("a sum did not return")
  const [start, first, second] = [none, some, many].map(one => Number(one.spent.fuel)) as [number, number, number]
  expect((first - start) % 300).toBe(0)
  expect((second - start) / 100_000).toBe((first - start) / 300)
  expect((await spentOn(100_000, start + 50_000)).kind).toBe("out-of-fuel")
})

test.each([
  '(defn f [a :string n :int] (if (= n 0) a (f a (- n 1)))) (apply f [5 "x"])',
  '(defn f [a :string n :int] (if (= n 0) a (+ 1 (f a (- n 1))))) (let [g f] (g 5 "x"))',
  '(defn f [n :int a :string] (if (= n 0) a (+ 1 (f (- n 1) a)))) (apply f ["z" 5])',
  '(defn f [a : [:vector :int] n :float & r :int] (if (= n 0.0) a (f a (- n 1.0)))) (map (fn [x] (apply f [x x x])) ["q"])'
])("the first parameter that fails its type is the one that is told, raw or boxed: %s", async source => {
  const [compiled, interpreted] = [await outcomeOf(source, "wasm"), await outcomeOf(source, "interpreter")]
  expect(compiled).toMatchObject({ kind: "failed", category: "type-validation" })
  expect(compiled).toMatchObject({ message: "message" in interpreted ? interpreted.message : null })
})

function outcomeOf(source: string, engine: "wasm" | "interpreter") {
  return evaluate({ source, engine }, { runtime, sandbox, interpret })
}

describe("the optimiser", () => {
  test.each([
    ["folds constants", "(+ 1 (* 2 3))", "7:i64", "i64-mul"],
    ["leaves out what cannot be reached", "(defn f [x] (if false (str x) (inc x))) f", "(inc l0)", "(str"],
    ["puts small functions inline", "(defn sq [x] (* x x)) (defn g [y : int] : int (+ (sq y) 1)) g", "(i64-mul l0 l0)", "call-known"],
    ["holds integers raw", "(defn f [n : int] : int (- (* n n) 1)) f", "(i64-sub (i64-mul l0 l0) 1:i64)", "(- "],
    ["holds floats raw", "(defn f [i : int] (* 2.5 (float i))) f", "(f64-mul", "(* "],
    ["holds booleans raw", "(defn f [a : int b : int] (if (and (< a b) (even? a)) 1 2)) f", "(i64-lt", "truthy"],
    ["holds elements raw", "(reduce + 0 (map inc (range 0 9)))", "(i64-add", "(+ "],
    ["turns a self tail call into a loop", "(defn f [n : int] (if (= n 0) :done (f (- n 1)))) f", "(continue #0", "(f2 "],
    ["turns a fold over a range into a loop", "(reduce (fn [a i] (+ a i)) 0 (range 0 9))", "(loop", "(range"],
    ["tests no kind that is known", "(reduce + 0 (for [x (range 0 3)] x))", "(vector-count", "is-vector"]
  ])("%s", (_, source, has, lacks) => {
    const compiled = compile(source, { mode: "program", runtime: runtime.abi })
    if (compiled.kind === "rejected") throw new Error(compiled.diagnostics.map(one => one.message).join("; "))
    const text = printIr(compiled.program)
    expect(text).toContain(has)
    expect(text).not.toContain(lacks)
  })
})

describe("a text that grows keeps its older versions, whatever is put behind it:", () => {
  test.each([
    ['(reduce (fn [s i] (str s i "," s)) "" (range 0 9))'],
    ['(let [a (str "0123456789012345678901234567890123456789" 1 2) b (str a "x" 1) c (str a "y" 2)] [a b c (str b c 3)])'],
    ['(let [a (str "0123456789012345678901234567890123456789" 1 2) b (str a a a a a a a a a 7)] [a b (count b) [(str a 1 2)]])'],
    ['(let [long (reduce (fn [s i] (str s i ":")) "" (range 0 300))] [(str long 1 long long) (count (str long [1 2 {:k long}] 5))])'],
    ['(reduce (fn [s i] (if (= 0 (mod i 7)) (str s [i i] {:a i}) (str s "é" i))) "start of a text that is longer than that" (range 0 60))'],
    ['(reduce (fn [out s] (conj out (str (last out) s 1))) ["0123456789012345678901234567890123456789"] ["a" "bc" "def" "ghij" "k"])'],
    ['(let [a (str "0123456789012345678901234567890123456789" 1 2)] (map (fn [i] {:k (str a i (range 0 i))}) (range 0 40)))']
  ])("%s", async source => {
    expect(await resultOf(source, "wasm")).toBe(await resultOf(source, "interpreter"))
  })
})
