/** Random well-formed RTFS programs as trees, for differential fuzzing; and smaller versions of a tree, for shrinking. */

/** An atom, or a form with its brackets. */
export type Tree = string | { readonly open: "(" | "[" | "{"; readonly items: readonly Tree[] }

const close = { "(": ")", "[": "]", "{": "}" } as const

export function textOf(tree: Tree): string {
  return typeof tree === "string" ? tree : `${tree.open}${tree.items.map(textOf).join(" ")}${close[tree.open]}`
}

export function sizeOf(tree: Tree): number {
  return typeof tree === "string" ? 1 : tree.items.reduce((sum, item) => sum + sizeOf(item), 1)
}

/** A repeatable source of numbers in [0, 1). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

type Kind = "int" | "float" | "bool" | "string" | "keyword" | "vector" | "map" | "fn1" | "fn2" | "any"

interface Scope {
  readonly variables: readonly { readonly name: string; readonly kind: Kind }[]
  /** Functions defined at top level, with their number of integer parameters. */
  readonly functions: readonly { readonly name: string; readonly params: number }[]
}

const jsonTexts = [
  '"[1, 2.50, -0, 1e3, 12345678901234567890]"',
  '"[\\"\\\\u00e9\\\\n\\", null, true]"',
  '"{\\"b\\": 1, \\"a\\": {\\"c\\": []}}"',
  '"[1,]"',
  '"\\"ß😀\\""'
]

/** A whole program: definitions, then an expression. */
export function randomProgram(random: () => number): Tree[] {
  return new ProgramGenerator(random).program()
}

class ProgramGenerator {
  readonly #random: () => number
  #names = 0

  constructor(random: () => number) {
    this.#random = random
  }

  program(): Tree[] {
    const forms: Tree[] = []
    let scope: Scope = { variables: [], functions: [] }
    for (let left = this.#below(4); left > 0; left--) {
      const [form, wider] = this.#definition(scope)
      forms.push(form)
      scope = wider
    }
    return [...forms, this.#expression(this.#anyKind(), scope, 5)]
  }

  #definition(scope: Scope): [Tree, Scope] {
    const name = this.#name("g")
    if (this.#chance(0.1)) return this.#macro(name, scope)
    if (this.#chance(0.1)) return this.#pair(scope)
    if (this.#chance(0.35)) {
      const kind = this.#anyKind()
      return [list("def", name, this.#expression(kind, scope, 3)), { ...scope, variables: [...scope.variables, { name, kind }] }]
    }
    const params = this.#below(4)
    const names = Array.from({ length: params }, () => this.#name("p"))
    const inner: Scope = {
      variables: [...scope.variables, ...names.map(one => ({ name: one, kind: "int" as const }))],
      functions: [...scope.functions, { name, params }]
    }
    const typed = names.flatMap((one): Tree[] => (this.#chance(0.3) ? [one, this.#type()] : [one]))
    const body = this.#chance(0.5) && params > 0 ? this.#recursion(name, names, inner) : this.#expression("int", inner, 4)
    const result = this.#chance(0.25) ? [this.#type()] : []
    return [
      list("defn", name, vector(...typed.map(colon)), ...result.map(colon), body),
      { ...scope, functions: [...scope.functions, { name, params }] }
    ]
  }

  #macro(name: string, scope: Scope): [Tree, Scope] {
    const template = this.#pick(["`(+ ~x ~x)", "`(let [v0 ~x] [v0 ~x])", "`(if (int? ~x) ~x 0)", "`(vector ~@r ~x)"])
    return [list("defmacro", name, vector("x", "&", "r"), template), { ...scope, functions: [...scope.functions, { name, params: 1 }] }]
  }

  /** Two functions that call each other, in tail position or not. */
  #pair(scope: Scope): [Tree, Scope] {
    const [one, two] = [this.#name("h"), this.#name("h")]
    const half = (name: string, other: string, base: Tree): Tree => {
      const again = list(other, list("-", "n", "1"))
      const step = this.#chance(0.6) ? again : list("+", this.#expression("int", this.#with(scope, "n"), 1), again)
      return list(
        "defn",
        name,
        vector("n", ...(this.#chance(0.3) ? [colon(this.#type())] : [])),
        list("if", list("<=", "n", "0"), base, step)
      )
    }
    const body = list("do", half(one, two, this.#expression("int", scope, 1)), half(two, one, this.#expression("any", scope, 1)))
    return [body, { ...scope, functions: [...scope.functions, { name: one, params: 1 }, { name: two, params: 1 }] }]
  }

  /** Counts its first parameter down; in tail position or not. */
  #recursion(name: string, names: readonly string[], scope: Scope): Tree {
    const [first = "0", ...others] = names
    const again = list(
      name,
      list("-", first, this.#pick(["1", "1", "2"])),
      ...others.map(() => this.#expression("int", { ...scope, functions: [] }, 2))
    )
    const base = this.#expression("int", { ...scope, functions: [] }, 2)
    const step = this.#chance(0.5)
      ? again
      : list(this.#pick(["+", "max", "-"]), again, this.#expression("int", { ...scope, functions: [] }, 2))
    return list("if", list("<=", first, "0"), base, step)
  }

  #expression(kind: Kind, scope: Scope, depth: number): Tree {
    if (this.#chance(0.03)) return this.#expression(this.#anyKind(), scope, depth)
    if (depth <= 0) return this.#atom(kind, scope)
    if (this.#chance(0.3)) return this.#general(kind, scope, depth)
    const down = (wanted: Kind) => this.#expression(wanted, scope, depth - 1)
    switch (kind) {
      case "int":
        return this.#pick<() => Tree>([
          () => list(this.#pick(["+", "-", "*", "max", "min"]), down("int"), down("int")),
          () => list(this.#pick(["+", "-", "*"]), down("int"), down("int"), down("int")),
          () => list(this.#pick(["inc", "dec", "abs"]), down("int")),
          () => list("mod", down("int"), down("int")),
          () => list("count", down(this.#pick(["vector", "string", "map"]))),
          () => list("reduce", down("fn2"), down("int"), down("vector")),
          () => list("nth", down("vector"), this.#small(), down("int")),
          () => list("pow", this.#small(), this.#small()),
          () => list("int", down("float")),
          () => this.#call(scope, depth),
          () => list("get", down("map"), down("keyword"), down("int")),
          () => list("/", down("int"), down("int")),
          () => list("parse-int", down("string")),
          () => list("apply", this.#pick(["+", "max", "-"]), down("int"), down("vector")),
          () => list("get-in", down("map"), vector(":a", this.#small()), down("int")),
          () => this.#letRecursion(scope, depth),
          () => list("dotimes", vector(this.#bound(), this.#small()), down("int")),
          () => list(this.#pick(["string-length", "length"]), down("string")),
          () => list("int", down(this.#pick(["string", "bool", "any"]))),
          () => list("factorial", this.#small()),
          () => list("reduce", this.#fn(2, scope, depth), down("int"), down("string")),
          () =>
            list(
              "apply",
              list("fn", vector("h", "&", "t"), list("count", "t")),
              down("any"),
              down(this.#pick(["vector", "map", "string"]))
            ),
          () => list(down("keyword"), down("map"), down("int"))
        ])()
      case "float":
        return this.#pick<() => Tree>([
          () => list(this.#pick(["+", "-", "*", "/", "max", "min"]), down("float"), down(this.#pick(["int", "float"]))),
          () => list("sqrt", list("abs", down("float"))),
          () => list("float", down("int")),
          () => list("mod", down("float"), down("int")),
          () => list("pow", down("float"), this.#pick(["2", "0.5", "-1", "3"])),
          () =>
            list("parse-float", this.#pick(['"1e308"', '"4.9e-324"', '"0.1"', '" -2.50 "', '"1_0"', '"123456789012345678901234567890"'])),
          () => list("/", down("int"), this.#pick(["3", "7", "-11", "1000000007"])),
          () => list("*", down("float"), this.#pick(["1.1", "1.0e-9", "3.0e200", "-7.3"]))
        ])()
      case "bool":
        return this.#pick<() => Tree>([
          () => list(this.#pick(["<", ">", "<=", ">="]), down("int"), down(this.#pick(["int", "int", "float"]))),
          () => list(this.#pick(["=", "!="]), down("any"), down("any")),
          () => list(this.#pick(["and", "or"]), down("bool"), down("bool")),
          () => list("not", down("bool")),
          () => list(this.#pick(["even?", "odd?"]), down("int")),
          () =>
            list(this.#pick(["int?", "string?", "nil?", "vector?", "map?", "fn?", "keyword?", "bool?", "float?", "number?"]), down("any")),
          () => list("contains?", down("vector"), down("any")),
          () => list("empty?", down(this.#pick(["vector", "string", "map"]))),
          () => list(this.#pick(["every?", "some?"]), down("fn1"), down(this.#pick(["vector", "vector", "string"]))),
          () => list(this.#pick(["<", ">", "<=", ">="]), down("string"), down("string")),
          () => list("re-matches", this.#regex(), down("string")),
          () => list(this.#pick(["string-contains", "starts-with?"]), down("string"), down("string")),
          () => list("contains?", down(this.#pick(["map", "string"])), down(this.#pick(["keyword", "string", "int"]))),
          () => list("=", down("float"), down("float")),
          () => list(this.#pick(["list?", "symbol?", "string-p"]), down("any"))
        ])()
      case "string":
        return this.#pick<() => Tree>([
          () => list("str", down("any"), down("any")),
          () => list(this.#pick(["string-upper", "string-lower", "string-trim", "reverse"]), down("string")),
          () => list("substring", down("string"), this.#small(), this.#small()),
          () => list("join", down("string"), down("vector")),
          () => list("type-name", down("any")),
          () => list("take", this.#small(), down("string")),
          () => list("serialize-json", down(this.#pick(["int", "string", "map", "vector", "float"]))),
          () => list("str", down("float")),
          () => list("re-find", this.#regex(), down("string")),
          () => list("reduce", "str", '""', down("vector")),
          () => list("reduce", list("fn", vector("s", "c"), list("str", "c", "s")), '""', down("string")),
          () => list(this.#pick(["first", "last", "distinct", "sort", "rest"]), down("string")),
          () => list("nth", down("string"), this.#small(), down("string")),
          () => list("drop", this.#small(), down("string")),
          () => list("remove", down("fn1"), down("string")),
          () => list("join", down("string"), list("split", down("string"), this.#pick(['""', '" "', '"b"', '"é"']))),
          () => list(this.#pick(["serialize-json", "serialize-json-pretty"]), down("map")),
          () => list("getMessage", list("Exception.", down("any"), down("any"))),
          () => list("try", down("any"), list("catch", "e", list("getMessage", "e")))
        ])()
      case "keyword":
        return this.#atom("keyword", scope)
      case "vector":
        return this.#pick<() => Tree>([
          () => vector(...Array.from({ length: this.#below(5) }, () => down(this.#pick(["int", "int", "any"])))),
          () => list("map", down("fn1"), down("vector")),
          () => list(this.#pick(["filter", "remove"]), down("fn1"), down("vector")),
          () => list("map-indexed", down("fn2"), down("vector")),
          () => list("conj", down("vector"), down("any")),
          () => list("cons", down("any"), down("vector")),
          () => list("concat", down("vector"), down("vector")),
          () => list(this.#pick(["reverse", "rest", "distinct", "sort"]), down("vector")),
          () => list(this.#pick(["take", "drop"]), this.#small(), down("vector")),
          () => list("range", this.#small(), this.#small()),
          () => list("assoc", down("vector"), this.#small(), down("any")),
          () => list("for", vector(this.#bound(), down("vector")), down("any")),
          () => list("partition", this.#small(), down("vector")),
          () => list(this.#pick(["keys", "vals"]), down("map")),
          () => this.#forLoop(scope, depth),
          () => list("split", down("string"), '" "'),
          () => list("re-seq", this.#pick(['"[a-z]"', '"\\\\w+"', '"é|b"', '""']), down("string")),
          () => list("find", down("map"), down("keyword")),
          () =>
            list(
              "reduce",
              list("fn", vector("acc", "item"), list("conj", "acc", this.#expression("any", this.#with(scope, "item"), 1))),
              vector(),
              down("vector")
            ),
          () => list("parse-json", list("serialize-json", down("vector"))),
          () => list("parse-json", this.#pick(jsonTexts)),
          () => list("sort", vector(down("any"), down("any"), down("float"), down("int"), down("any"))),
          () => list("subvec", down("vector"), this.#small(), this.#small()),
          () => list("map", down("fn1"), down("string")),
          () => list("map-indexed", down("fn2"), down("string")),
          () => list("apply", "vector", down("map")),
          () => list("numbers", this.#small(), this.#pick(["3", "4.9", "-1"])),
          () => list("concat", down("any"), down("string"), down("vector")),
          () => list("map", down("keyword"), vector(down("map"), down("map"))),
          () => list("step-parallel", down("any"), down("int")),
          () => list("sort", list("map", list("fn", vector("q"), vector("q", down("any"))), down("vector"))),
          () =>
            list(
              "let",
              vector("acc", vector()),
              list(
                "reduce",
                list("fn", vector("v", "q"), list("if", down("bool"), list("conj", "v", "q"), list("assoc", "v", "0", "q"))),
                vector("1"),
                down("vector")
              )
            )
        ])()
      case "map":
        return this.#pick<() => Tree>([
          () => ({ open: "{", items: this.#keys().flatMap(key => [key, down("any")]) }),
          () => list("assoc", down("map"), down("keyword"), down("any")),
          () => list("dissoc", down("map"), down("keyword")),
          () => list("merge", down("map"), down("map")),
          () => list("update", down("map"), down("keyword"), down("fn1")),
          () => list("group-by", down("fn1"), down("vector")),
          () =>
            list(
              "reduce",
              list(
                "fn",
                vector("acc", "item"),
                list("assoc", "acc", this.#pick(["item", ":k", "(str item)"]), list("+", "1", list("get", "acc", "item", this.#small())))
              ),
              this.#pick<Tree>([down("map"), { open: "{", items: [] }]),
              list("range", "0", this.#small())
            ),
          () => list("hash-map", down("keyword"), down("any"), down("int"), down("any")),
          () => list("parse-json", list("serialize-json", down("map"))),
          () =>
            list(
              "group-by",
              list("fn", vector("q"), this.#expression(this.#pick(["float", "bool", "string", "any"]), this.#with(scope, "q"), 1)),
              down("vector")
            ),
          () => list("update", down("map"), down("keyword"), "+", down("int")),
          () =>
            list(
              "reduce",
              list("fn", vector("m", vector("k", "v")), list("assoc", "m", "k", "v")),
              down("map"),
              vector(vector(down("keyword"), down("any")), vector(down("string"), down("int")))
            )
        ])()
      case "fn1":
        return this.#fn(1, scope, depth)
      case "fn2":
        return this.#fn(2, scope, depth)
      case "any":
        return this.#expression(this.#anyKind(), scope, depth)
    }
  }

  /** A local function that calls itself. */
  #letRecursion(scope: Scope, depth: number): Tree {
    const [name, param] = [this.#name("r"), this.#name("n")]
    const inner = this.#with(scope, param)
    const again = list(name, list("-", param, "1"))
    const step = this.#pick<Tree>([again, list("+", "1", again), list("max", this.#expression("int", inner, 1), again)])
    const body = list("if", list("<=", param, "0"), this.#expression("int", inner, 2), step)
    return list(
      "let",
      vector(name, list("fn", vector(param), body)),
      list(name, this.#chance(0.8) ? this.#small() : this.#expression("int", scope, depth - 2))
    )
  }

  #with(scope: Scope, name: string): Scope {
    return { ...scope, variables: [...scope.variables, { name, kind: "int" }] }
  }

  /** Forms that yield whatever their parts yield. */
  #general(kind: Kind, scope: Scope, depth: number): Tree {
    const down = (wanted: Kind, inner = scope) => this.#expression(wanted, inner, depth - 1)
    return this.#pick<() => Tree>([
      () => list("if", down("bool"), down(kind), down(kind)),
      () => list("do", down("any"), down(kind)),
      () => this.#let(kind, scope, depth),
      () => this.#match(kind, scope, depth),
      () => list("try", down(kind), list("catch", "_", this.#name("e"), down(kind))),
      () => list("try", down(kind), list("catch", "e", "e", list("do", list("getMessage", "e"), down(kind))), list("finally", down("any"))),
      () => list("try", down(kind), list("finally", down("int"))),
      () => this.#destructured(kind, scope, depth),
      () => list(this.#fnWith(kind, scope, depth), down("int")),
      () => list("step", '"s"', down("any"), down(kind)),
      () => list("step-if", down("bool"), down(kind), down(kind)),
      () => list("do", list("def", this.#name("w"), down("any")), down(kind)),
      () =>
        list("try", list("try", down(kind), list("finally", down("any"))), list("catch", "_", down(kind)), list("finally", down("any"))),
      () => list("try", list("do", down("any"), down(kind)), list("catch", "E", "e", list("if", list("=", "e", "e"), down(kind), "e"))),
      () => list("let", vector("v", ":", this.#type(), down(this.#pick(["int", "float", "any"]))), list("do", "v", down(kind))),
      () =>
        list(
          list("fn", vector("v", ":", this.#type(), "&", "r", ":", this.#type()), ":", this.#type(), "v"),
          down(kind),
          down("int"),
          down("any")
        ),
      () => list("match", vector(down("any"), down("any"), down("any")), vector("a", "&", "r"), list("count", "r"), "_", down(kind)),
      () => list("step-loop", list("nil?", down("int")), down(kind)),
      () =>
        list(
          "let",
          vector(
            { open: "{", items: [":keys", vector("a", "b"), '"s"', "s", "3", vector("x", "&", "y"), "&", "r", ":as", "m"] },
            down("map")
          ),
          down(kind)
        ),
      () => list("let", vector("v", ":", this.#pick([":int", ":any", ":string", "[:vector :int]"]), down("any")), down(kind))
    ])()
  }

  #let(kind: Kind, scope: Scope, depth: number): Tree {
    const bindings: Tree[] = []
    let inner = scope
    for (let left = 1 + this.#below(3); left > 0; left--) {
      const name = this.#name("v")
      const bound = this.#anyKind()
      bindings.push(name, this.#expression(bound, inner, depth - 1))
      inner = { ...inner, variables: [...inner.variables, { name, kind: bound }] }
    }
    return list("let", vector(...bindings), this.#expression(kind, inner, depth - 1))
  }

  #match(kind: Kind, scope: Scope, depth: number): Tree {
    const name = this.#name("m")
    const inner: Scope = { ...scope, variables: [...scope.variables, { name, kind: "any" }] }
    const clauses: Tree[] = []
    for (let left = 1 + this.#below(3); left > 0; left--) {
      const pattern = this.#pick<Tree>([
        "1",
        '"a"',
        ":k",
        "nil",
        "true",
        vector(name, "_"),
        vector(name, "&", "rest"),
        { open: "{", items: [":a", name] },
        { open: "{", items: [":a", name, "&", "r"] }
      ])
      const binds = textOf(pattern).includes(name)
      const guard: Tree[] = this.#chance(0.3) ? ["when", this.#expression("bool", binds ? inner : scope, 1)] : []
      clauses.push(pattern, ...guard, this.#expression(kind, binds ? inner : scope, depth - 1))
    }
    if (this.#chance(0.8)) clauses.push("_", this.#expression(kind, scope, depth - 1))
    return list("match", this.#expression("any", scope, depth - 1), ...clauses)
  }

  #destructured(kind: Kind, scope: Scope, depth: number): Tree {
    const [a, b] = [this.#name("d"), this.#name("d")]
    const pattern = this.#pick<Tree>([
      vector(a, b),
      vector(a, "&", b),
      vector(a, vector(b, "&", "more"), ":as", "whole"),
      { open: "{", items: [":keys", vector(a, b)] },
      { open: "{", items: [":a", a, "&", b] }
    ])
    const inner: Scope = { ...scope, variables: [...scope.variables, { name: a, kind: "any" }, { name: b, kind: "any" }] }
    return list(
      "let",
      vector(pattern, this.#expression(this.#pick(["vector", "map"]), scope, depth - 1)),
      this.#expression(kind, inner, depth - 1)
    )
  }

  #forLoop(scope: Scope, depth: number): Tree {
    const [x, y] = [this.#name("x"), this.#name("y")]
    const inner: Scope = { ...scope, variables: [...scope.variables, { name: x, kind: "int" }, { name: y, kind: "int" }] }
    return list(
      "for",
      vector(x, list("range", "0", this.#small()), y, this.#expression("vector", scope, 1)),
      this.#expression("any", inner, depth - 1)
    )
  }

  #fn(params: number, scope: Scope, depth: number): Tree {
    const known = scope.functions.filter(one => one.params === params)
    if (known.length > 0 && this.#chance(0.3)) return this.#pick(known).name
    if (this.#chance(0.15))
      return this.#pick(params === 1 ? ["inc", "str", "not", ":a", "even?", "count"] : ["+", "max", "str", "conj", "="])
    if (this.#chance(0.1)) return `#(${params === 1 ? "+ % 1" : "+ %1 %2"})`
    const names = Array.from({ length: params }, () => this.#name("a"))
    const inner: Scope = {
      ...scope,
      variables: [...scope.variables, ...names.map(name => ({ name, kind: this.#pick<Kind>(["int", "any"]) }))]
    }
    if (this.#chance(0.1)) return list("fn", vector(...names, "&", "others"), this.#expression("any", inner, depth - 1))
    return list("fn", vector(...names), this.#expression(this.#pick(["int", "any"]), inner, depth - 1))
  }

  #fnWith(kind: Kind, scope: Scope, depth: number): Tree {
    const name = this.#name("a")
    return list("fn", vector(name), this.#expression(kind, { ...scope, variables: [...scope.variables, { name, kind: "int" }] }, depth - 1))
  }

  #call(scope: Scope, depth: number): Tree {
    if (scope.functions.length === 0) return this.#atom("int", scope)
    const { name, params } = this.#pick(scope.functions)
    const count = this.#chance(0.03) ? params + 1 : params
    return list(name, ...Array.from({ length: count }, () => (depth > 2 ? this.#small() : this.#atom("int", scope))))
  }

  #atom(kind: Kind, scope: Scope): Tree {
    const fitting = scope.variables.filter(one => one.kind === kind || kind === "any" || (one.kind === "any" && this.#chance(0.3)))
    if (fitting.length > 0 && this.#chance(0.6)) return this.#pick(fitting).name
    switch (kind) {
      case "int":
        return this.#pick([
          "0",
          "1",
          "2",
          "3",
          "-1",
          "7",
          "10",
          "100",
          "-5",
          "4611686018427387903",
          "4611686018427387904",
          "-4611686018427387904",
          "9223372036854775807",
          "-9223372036854775808",
          "1000000007",
          String(this.#below(1000))
        ])
      case "float":
        return this.#pick(["0.0", "1.0", "2.5", "-0.5", "1.0e10", "3.14159", "##Inf", "##NaN", "-0.0", "1.0e-7"])
      case "bool":
        return this.#pick(["true", "false"])
      case "string":
        return this.#pick(['""', '"a"', '"abc"', '"héllo wörld"', '"a b c"', '"ß😀"', '"10"'])
      case "keyword":
        return this.#pick([":a", ":b", ":k", ":a/b"])
      case "vector":
        return this.#pick<Tree>([
          vector(),
          vector("1", "2", "3"),
          vector('"a"', ":b", "nil"),
          vector("5", "-1", "2", "2"),
          vector("1", vector("2", "3"))
        ])
      case "map":
        return this.#pick<Tree>([
          { open: "{", items: [] },
          { open: "{", items: [":a", "1", ":b", "2"] },
          { open: "{", items: [":a", "1", '"s"', ":k", "3", "nil"] },
          { open: "{", items: [":a", vector("1", "2")] }
        ])
      case "fn1":
        return this.#pick(["inc", "str", "not", ":a"])
      case "fn2":
        return this.#pick(["+", "max", "str"])
      case "any":
        return this.#pick(["nil", "0", '"a"', ":k", "true", "1.5", "false"])
    }
  }

  #keys(): string[] {
    return [":a", ":b", '"s"', "1", ":k"].filter(() => this.#chance(0.4))
  }

  #regex(): string {
    return this.#pick([
      '"[a-c]+"',
      '"(a|b)*c?"',
      '"\\\\d+"',
      '"^.{2,3}"',
      '"(?i)H"',
      '"[^a-z ]"',
      '"\\\\bw"',
      '"(?:a|ab)(?:c|bcd)?$"',
      '"\\\\p{L}+?"',
      '"x*"',
      '"[é-ö]|\\\\s"',
      '"("'
    ])
  }

  #type(): string {
    return this.#pick([
      '[:and :string [:min-length 2] [:matches-regex "^[a-zé]"]]',
      "[:and [:vector :any] [:non-empty] [:max-count 3]]",
      "[:tuple :int :any]",
      "[:map-of :keyword :any]",
      "[:and [:map] [:required-keys [:a]]]",
      "[:union [:val nil] [:and :int [:in-range -3 100]] :string]",
      "[:and :float [:> 0.5]]",
      ":fn",
      ":int",
      ":int",
      ":int",
      ":any",
      ":float",
      ":float",
      ":bool",
      ":string",
      "[:and :int [:> -50]]",
      "[:union :int :nil]",
      "[:vector :int]",
      "[:map [:a :int ?]]",
      "[:and :float [:<= 1000.0]]",
      "[:enum 1 2 3]"
    ])
  }

  #bound(): string {
    return this.#name("x")
  }

  #small(): string {
    return String(this.#below(8) - 1)
  }

  #anyKind(): Kind {
    return this.#pick(
      ["int", "int", "int", "float", "bool", "string", "keyword", "vector", "vector", "map", "any"].filter(one => one !== "any")
    ) as Kind
  }

  #name(prefix: string): string {
    return `${prefix}${this.#names++}`
  }

  #below(bound: number): number {
    return Math.floor(this.#random() * bound)
  }

  #chance(probability: number): boolean {
    return this.#random() < probability
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#below(items.length)] as T
  }
}

/** A type that is no keyword needs the colon of an annotation before it. */
function colon(tree: Tree): Tree {
  return typeof tree === "string" && tree.startsWith("[") ? `: ${tree}` : tree
}

function list(...items: readonly Tree[]): Tree {
  return { open: "(", items }
}

function vector(...items: readonly Tree[]): Tree {
  return { open: "[", items }
}

/** Smaller programs, the boldest changes first. Some are ill-formed; whoever shrinks tries them all. */
export function* smaller(forms: readonly Tree[]): Generator<readonly Tree[]> {
  for (let index = forms.length - 2; index >= 0; index--) yield forms.toSpliced(index, 1)
  for (let index = forms.length - 1; index >= 0; index--) {
    for (const tree of smallerTrees(forms[index] as Tree)) yield forms.with(index, tree)
  }
}

function* smallerTrees(tree: Tree): Generator<Tree> {
  if (typeof tree === "string") {
    for (const atom of ["0", "nil", "1"]) if (atom !== tree && tree.length > 1) yield atom
    return
  }
  yield "0"
  yield "nil"
  for (const item of tree.items) if (typeof item !== "string") yield item
  for (let index = tree.items.length - 1; index > 0; index--) yield { ...tree, items: tree.items.toSpliced(index, 1) }
  for (let index = tree.items.length - 1; index > 1; index--) yield { ...tree, items: tree.items.toSpliced(index - 1, 2) }
  for (const [index, item] of tree.items.entries()) {
    for (const made of smallerTrees(item)) yield { ...tree, items: tree.items.with(index, made) }
  }
}
