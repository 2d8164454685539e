/** An engine of made-up answers for tests of the window alone: states that a real store reaches rarely (damage, refusal, slow work) on demand. */
import { createHash } from "node:crypto"
import type { Digest, InterfaceHash } from "../../shared/digest.ts"
import { digestOfHex } from "../../shared/digest.ts"
import type { AttestationView, EngineStatus, EngineVerbs, ModuleRow, ShownModule } from "../../shared/engine-contract.ts"
import { contract } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { Outcome } from "../../shared/run.ts"
import type { RuleName, RuleResult, Verdict, VerdictState } from "../../shared/trust.ts"
import { predicateTypes, ruleNames } from "../../shared/trust.ts"
import { shownType } from "../../shared/type-text.ts"

export interface FakeModule {
  readonly task: string
  readonly canonical: string
  readonly verdict: VerdictState
  readonly source: string | null
  readonly examples: readonly { readonly args: string; readonly result: string; readonly origin?: string }[]
  /** Further Tasks the same Module answers. */
  readonly also?: readonly { readonly task: string; readonly verdict: VerdictState }[]
}

export const fakeModules: readonly FakeModule[] = [
  {
    task: "sum of all numbers in a list",
    canonical: "(interface 1 [:fn [[:vector :int]] :int] [])",
    verdict: "trusted",
    source: ";; Adds the numbers up, starting at zero.\n(defn sum [numbers : [:vector :int]] : :int\n  (reduce + 0 numbers))\n",
    examples: [
      { args: "[[1 2 3]]", result: "6", origin: "caller" },
      { args: "[[]]", result: "0" },
      { args: "[[-5 5]]", result: "0" }
    ],
    also: [{ task: "total of a column", verdict: "pending" }]
  },
  {
    task: "greet a person by name, politely or not",
    canonical: "(interface 1 [:fn [[:map [:name :string] [:polite :bool ?]] [:enum :de :en :fr]] :string] [])",
    verdict: "trusted",
    source:
      '(defn greet\n  [{:keys [name polite]} : [:map [:name :string] [:polite :bool ?]]\n   language : [:enum :en :de :fr]] : :string\n  (let [word (match language :de "Hallo" :fr "Bonjour" _ "Hello")]\n    (if polite\n      (str word ", dear " name)\n      (str word ", " name))))\n',
    examples: [{ args: '[{:name "Ada" :polite true} :en]', result: '"Hello, dear Ada"', origin: "caller" }]
  },
  {
    task: "clamp a number between two bounds",
    canonical: "(interface 1 [:fn [[:and :int [:<= 100] [:>= 0]] :int :int] :int] [])",
    verdict: "pending",
    source: "(defn clamp [n : [:and :int [:>= 0] [:<= 100]] low : :int high : :int] : :int\n  (max low (min high n)))\n",
    examples: [{ args: "[50 0 10]", result: "10" }]
  },
  {
    task: "count words in a text",
    canonical: "(interface 1 [:fn [:string] :int] [])",
    verdict: "trusted",
    source: '(defn count-words [text : :string] : :int\n  (count (remove empty? (split text " "))))\n',
    examples: [
      { args: '["to be or not to be"]', result: "6" },
      { args: '[""]', result: "0" }
    ]
  },
  {
    task: "fetch a setting from the key-value store",
    canonical: '(interface 1 [:fn [:keyword [:union :nil :string]] [:union :nil :string]] ["kv.get"])',
    verdict: "untrusted",
    source: "(defn setting [name : :keyword fallback : :string?] : :string?\n  (or (call :kv.get name) fallback))\n",
    examples: []
  },
  {
    task: "group records by a field",
    canonical: "(interface 1 [:fn [[:vector [:map [:field :string] [:value :any]]] & :keyword] [:map-of :string [:vector :any]]] [])",
    verdict: "trusted",
    source:
      "(defn group [records : [:vector [:map [:field :string] [:value :any]]] & keys : :keyword]\n  : [:map-of :string [:vector :any]]\n  (group-by :field records))\n",
    examples: [
      { args: '[[{:field "a" :value 1} {:field "a" :value 2.5}]]', result: '{"a" [{:field "a" :value 1} {:field "a" :value 2.5}]}' }
    ]
  },
  {
    task: "is a year a leap year",
    canonical: "(interface 1 [:fn [:int] :bool] [])",
    verdict: "trusted",
    source: "(defn leap? [year : :int] : :bool\n  (and (= 0 (rem year 4)) (or (not= 0 (rem year 100)) (= 0 (rem year 400)))))\n",
    examples: [{ args: "[2000]", result: "true" }]
  },
  {
    task: "a name with a trap \u202egnp.exe\u0007 in it",
    canonical: "(interface 1 [:fn [] :any] [])",
    verdict: "pending",
    source: null,
    examples: []
  },
  {
    task: "render a record as <b>markup</b>",
    canonical: "(interface 1 [:fn [[:tuple :int :float] [:map-of :keyword :float]] :string] [])",
    verdict: "trusted",
    source: '(defn render [[a b] : [:tuple :int :float] m : [:map-of :keyword :float]] : :string (str "<b>" a b m "</b>"))\n',
    examples: [{ args: "[[1 2.5] {:x 1.0}]", result: '"<b>12.5{:x 1}</b>"' }]
  }
]

export interface FakeOptions {
  /** Further Mappings, made up, so that lists are long. */
  readonly more?: number
  readonly status?: Partial<EngineStatus>
  /** Verbs that fail with this, by name; changed while a test runs. */
  readonly failing?: Map<string, EngineFailure>
}

/** Every input a verb was called with, for tests that ask what the window sent. */
export interface FakeEngine extends EngineVerbs {
  readonly calls: { readonly verb: string; readonly input: unknown }[]
}

export function fakeEngine({ more = 0, status = {}, failing = new Map() }: FakeOptions = {}): FakeEngine {
  const modules: readonly FakeModule[] = [...fakeModules, ...Array.from({ length: more }, (_, index) => madeUp(index))]
  const rows = modules.flatMap((module, index) => rowsOf(module, index))
  const calls: FakeEngine["calls"] = []
  const searches: Parameters<EngineVerbs["findStart"]>[0][] = []
  const known: Partial<EngineVerbs> = {
    status: async () => ({ ...fakeStatus(rows), ...status }),
    list: async ({ cursor = 0, limit = 500, verdict }) => {
      const fitting = rows.filter(row => verdict === undefined || row.verdict === verdict)
      const page = fitting.slice(cursor, cursor + limit)
      return { rows: page, total: fitting.length, next: cursor + limit < fitting.length ? cursor + limit : null }
    },
    find: async ({ words = "", type, verdict, limit = 50 }) => {
      const asked = words.toLowerCase().split(/\s+/).filter(Boolean)
      const scored = rows
        .filter(
          row => (verdict === undefined || row.verdict === verdict) && (type === undefined || shownType(row.interface) === shownType(type))
        )
        .map(row => ({ row, hits: asked.filter(word => row.task.includes(word)) }))
        .filter(({ hits }) => asked.length === 0 || hits.length > 0)
        .sort((a, b) => b.hits.length - a.hits.length)
      return {
        rows: scored.slice(0, limit).map(({ row, hits }) => ({
          ...row,
          similarity: asked.length === 0 ? 1 : 0.4 + (0.6 * hits.length) / asked.length,
          why: hits.map(word => `word “${word}”`)
        }))
      }
    },
    findStart: async terms => {
      searches.push(terms)
      return { search: String(searches.length - 1) }
    },
    findNext: async ({ search }) => {
      const { rows: found } = await (known.find as EngineVerbs["find"])(searches[Number(search)] ?? {})
      return {
        rows: found,
        order: found.map(({ mapping }) => mapping),
        done: true,
        considered: found.length,
        tried: 0,
        skipped: [],
        skippedInAll: 0,
        notes: []
      }
    },
    show: async ({ digest }) => shownOf(moduleOf(modules, digest), digest),
    disassemble: async ({ digest }) => ({ text: watOf(moduleOf(modules, digest)) }),
    run: async ({ digest, mapping, args, review = false, limits }, context) => {
      const row = rows.find(candidate => candidate.mapping === mapping)
      if (row === undefined) throw new EngineFailure("unknown-digest", `nothing in the store has the Digest ${digest}`)
      if (row.verdict === "untrusted" || (row.verdict === "pending" && !review))
        throw new EngineFailure("not-permitted", `the Mapping is ${row.verdict}, so it is not run`)
      return {
        digest: row.digest,
        mapping: row.mapping,
        verdict: row.verdict,
        review,
        outcome: await outcomeOf(row, args, limits?.timeoutMs ?? 5_000, context?.signal)
      }
    }
  }
  const names = Object.keys(contract) as (keyof EngineVerbs)[]
  const verbs = Object.fromEntries(
    names.map(name => [
      name,
      async (input: never, context: never) => {
        calls.push({ verb: name, input })
        const failure = failing.get(name)
        if (failure !== undefined) throw failure
        const verb = known[name] as ((input: never, context: never) => Promise<unknown>) | undefined
        if (verb === undefined) throw new EngineFailure("not-permitted", `the made-up engine has no ${name}`)
        return verb(input, context)
      }
    ])
  )
  return { ...(verbs as unknown as EngineVerbs), calls }
}

export function hash(text: string): Digest {
  return digestOfHex(createHash("sha256").update(text).digest("hex"))
}

export function mappingDigest(task: string, canonical: string): Digest {
  return hash(`mapping ${task} ${canonical}`)
}

export function moduleDigest(module: FakeModule): Digest {
  return hash(`module ${module.source ?? module.task}`)
}

function madeUp(index: number): FakeModule {
  const [verb, thing] = [
    ["sort", "filter", "count", "merge", "split", "format", "parse"][index % 7]!,
    ["names", "dates", "prices", "lines", "records", "words"][index % 6]!
  ]
  const verdict: VerdictState = index % 11 === 3 ? "pending" : index % 29 === 5 ? "untrusted" : "trusted"
  return {
    task: `${verb} ${thing}, variant ${index + 1}`,
    canonical: `(interface 1 [:fn [[:vector :string]] ${index % 3 === 0 ? ":int" : "[:vector :string]"}] [])`,
    verdict,
    source: `(defn f${index} [xs : [:vector :string]] xs)\n`,
    examples: []
  }
}

function rowsOf(module: FakeModule, index: number): ModuleRow[] {
  return tasksOf(module).map(({ task, verdict }, position) => ({
    digest: moduleDigest(module),
    mapping: mappingDigest(task, module.canonical),
    task,
    interface: module.canonical,
    interfaceHash: hash(module.canonical) as InterfaceHash,
    verdict,
    bytes: 1_200 + index * 37,
    fuel: 450 + index * 90,
    hits: position === 0 ? (index * 7) % 40 : 0,
    createdMs: Date.UTC(2026, 4, 1) - index * 3_600_000,
    unreviewed: index % 4 === 0
  }))
}

function tasksOf(module: FakeModule): { task: string; verdict: VerdictState }[] {
  return [{ task: module.task, verdict: module.verdict }, ...(module.also ?? [])]
}

function moduleOf(modules: readonly FakeModule[], digest: string): FakeModule {
  const hex = digest.replace(/^sha256:/, "")
  const found = modules.find(module => moduleDigest(module).startsWith(`sha256:${hex}`))
  if (found === undefined) throw new EngineFailure("unknown-digest", `nothing in the store has the Digest ${digest}`, { digest })
  return found
}

function shownOf(module: FakeModule, asked: string): ShownModule {
  if (asked === hash("damaged"))
    throw new EngineFailure("blob-damaged", "the Blob does not match its Digest", { expected: asked, found: hash("x") })
  const attestations = attestationsOf(module)
  return {
    digest: moduleDigest(module),
    bytes: 1_412,
    mappings: tasksOf(module).map(({ task, verdict }, position) => ({
      digest: mappingDigest(task, module.canonical),
      mapping: {
        task: { text: task },
        interface: { hash: hash(module.canonical) as InterfaceHash, canonical: module.canonical },
        entry: "main",
        module: { digest: moduleDigest(module), size: 1_412 },
        runtime: { digest: hash("runtime") },
        source: module.source === null ? null : { digest: hash(module.source) },
        examples: { digest: hash("examples"), count: module.examples.length }
      },
      verdict: verdictOf(verdict, mappingDigest(task, module.canonical), attestations),
      sequence: position + 4,
      supersededBy: []
    })),
    source: module.source,
    examples: [...module.examples],
    attestations
  }
}

function verdictOf(state: VerdictState, mapping: Digest, attestations: readonly AttestationView[]): Verdict {
  const outcomes: Partial<Record<RuleName, RuleResult["outcome"]>> = {
    reproducible: "not-required",
    "two-persons": "not-required",
    "dependencies-sound": "not-required",
    ...(state === "trusted" ? {} : { "signed-off": "missing" }),
    ...(state === "untrusted" ? { "capabilities-allowed": "fail" } : {})
  }
  const why: Partial<Record<RuleName, string>> = {
    "signed-off":
      state === "trusted" ? "accepted by reviewer, owner local" : "no reviewer has accepted this Mapping yet; the policy solo asks for one",
    "capabilities-allowed":
      state === "untrusted" ? 'the effect "kv.get" stands in the Interface and not in the Module' : "no effects are declared",
    "blob-intact": "1,412 bytes match the Module's Digest",
    "mapping-signed": "signed by publisher within its namespace",
    "tests-passed": "all Examples passed when it was published"
  }
  return {
    state,
    mapping,
    rules: ruleNames.map(rule => ({
      rule,
      outcome: outcomes[rule] ?? "pass",
      why: why[rule] ?? "as claimed",
      evidence: rule === "mapping-signed" ? [attestations[0]!.digest] : rule === "tests-passed" ? [attestations[2]!.digest] : []
    })),
    notes: state === "trusted" ? ["no person reviewed it: accepted at first start"] : [],
    ignored: [{ digest: hash("junk"), reason: "signed by a key no root lists" }],
    policy: hash("policy"),
    root: { id: hash("root").slice(7), version: 1 },
    revocations: 0,
    asOf: 42
  }
}

function attestationsOf(module: FakeModule): AttestationView[] {
  const kinds = [predicateTypes.claim, predicateTypes.provenance, predicateTypes.testResult, predicateTypes.signOff]
  return kinds.map((predicateType, index) => {
    const statement = JSON.stringify({
      _type: "https://in-toto.io/Statement/v1",
      subject: [{ name: "module", digest: { sha256: moduleDigest(module).slice(7) } }],
      predicateType,
      predicate: { task: module.task, note: "made up for a test" }
    })
    const keyId = hash(`key ${index}`).slice(7)
    const envelope = JSON.stringify(
      {
        mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
        verificationMaterial: { publicKey: { hint: keyId } },
        dsseEnvelope: {
          payload: Buffer.from(statement).toString("base64"),
          payloadType: "application/vnd.in-toto+json",
          signatures: [{ keyid: keyId, sig: "c2ln" }]
        }
      },
      null,
      2
    )
    return {
      digest: hash(statement),
      predicateType,
      keyId,
      keyName: index === 3 ? "reviewer" : "publisher",
      owner: "local",
      ignored: null,
      statement,
      envelope,
      sequence: 4 + index
    }
  })
}

function watOf(module: FakeModule): string {
  return `(module\n  (import "rt" "memory" (memory 1))\n  ;; ${moduleDigest(module)}\n  (func $main (export "main") (param $numbers i64) (result i64)\n    (local $sum i64)\n    local.get $numbers\n    i64.const 0\n    call $rt.reduce\n    local.tee $sum\n    return))\n`
}

/** `[:slow]` ticks until stopped; `[:stuck]` runs into the time limit; anything else answers at once. */
async function outcomeOf(row: ModuleRow, args: string, timeoutMs: number, signal?: AbortSignal): Promise<Outcome> {
  const spent = { fuel: 1_284, memoryPages: 3, wallMs: 0.42 }
  if (args.includes(":slow")) {
    await new Promise((_, reject) =>
      signal?.addEventListener("abort", () => reject(new EngineFailure("cancelled", "the caller cancelled")))
    )
  }
  if (args.includes(":stuck")) return { kind: "timed-out", timeoutMs, spent }
  if (args.includes(":big")) return { kind: "returned", value: `[${Array.from({ length: 4_000 }, (_, index) => index).join(" ")}]`, spent }
  if (row.task.startsWith("sum")) {
    const numbers = args.match(/-?\d+/g)?.map(Number) ?? []
    return { kind: "returned", value: String(numbers.reduce((a, b) => a + b, 0)), spent }
  }
  if (row.task.startsWith("clamp") && /\[\s*[1-9]\d{2,}/.test(args)) {
    return {
      kind: "failed",
      category: "type-validation",
      message: "parameter 1: expected [:and :int [:<= 100] [:>= 0]], found 500",
      span: { start: 0, end: 5, line: 1, column: 14 },
      spent
    }
  }
  return { kind: "returned", value: '{:greeting "Hello" :of 1}', spent }
}

function fakeStatus(rows: readonly ModuleRow[]): EngineStatus {
  return {
    store: "/made/up/store",
    readOnly: false,
    origin: "local.example/ledger",
    root: { id: hash("root").slice(7), version: 1, expires: "2036-05-01T00:00:00Z" },
    preset: "solo",
    ledgerSize: 42 + rows.length,
    pending: rows.filter(row => row.verdict === "pending").length,
    modules: new Set(rows.map(row => row.digest)).size,
    model: { id: "all-MiniLM-L6-v2", digest: hash("model"), available: true },
    indexAvailable: true,
    unprotectedKeys: 5,
    lockedKeys: 0,
    warnings: []
  }
}
