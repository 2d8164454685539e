/** All English of the window in one place, so that words stay the same everywhere and can be translated. */
import type { RuleName, VerdictState } from "../shared/trust.ts"
import type { Connection } from "./engine.ts"
import type { ModuleTab, Screen } from "./route.ts"
import { authorStrings } from "./strings/author.ts"
import { bundlesStrings } from "./strings/bundles.ts"
import { dashboardStrings } from "./strings/dashboard.ts"
import { keysStrings } from "./strings/keys.ts"
import { ledgerStrings } from "./strings/ledger.ts"
import { bytesStrings, differenceStrings, rebuildStrings, usedStrings, versionsStrings } from "./strings/module.ts"
import { reviewStrings } from "./strings/review.ts"
import { answersStrings } from "./strings/run.ts"
import { settingsStrings } from "./strings/settings.ts"

const plural = (count: number, one: string, many: string) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`

export const strings = {
  product: "L4 Workbench",
  skipToContent: "Skip to content",
  navigation: "Places",
  loadingScreen: "Opening…",
  waitingCount: (count: number) => `${count.toLocaleString("en")} waiting`,
  screens: {
    explore: "Explore",
    module: "Module",
    run: "Run",
    author: authorStrings.title,
    review: reviewStrings.title,
    bundles: bundlesStrings.title,
    ledger: ledgerStrings.title,
    dashboard: dashboardStrings.title,
    keys: keysStrings.title,
    settings: settingsStrings.title
  } satisfies Record<Screen, string>,
  verdicts: { trusted: "Trusted", pending: "Pending", untrusted: "Untrusted" } satisfies Record<VerdictState, string>,
  verdictMeaning: {
    trusted: "Every rule of the policy is met: it is served and may run.",
    pending: "Something is still missing. It runs in review mode only and is never served.",
    untrusted: "At least one rule fails. It never runs; its Source and evidence may be read."
  } satisfies Record<VerdictState, string>,

  search: { label: "Find Modules by words", placeholder: "Find a Module by what it does…", clear: "Clear the search" },
  palette: {
    title: "Commands",
    open: "Open commands",
    placeholder: "Type a place, a command, or what a Module does…",
    none: "Nothing matches.",
    groups: { place: "Go to", module: "This Module", found: "Modules", view: "Appearance", help: "About" },
    exploreAll: "Explore all Modules",
    filterBy: (verdict: string) => `Explore: ${verdict} only`,
    findWords: (words: string) => `Find “${words}”`,
    openRecent: (task: string) => `Open ${task}`,
    runModule: "Run this Module",
    openTab: (tab: string) => `Show its ${tab}`,
    copyDigest: "Copy its Module Digest",
    copyMapping: "Copy its Mapping Digest",
    copyLink: "Copy a link to this place",
    back: "Back",
    forward: "Forward"
  },
  settings: {
    title: "Settings",
    open: "Appearance and about",
    appearance: "Appearance",
    themes: { system: "Like the system", light: "Light", dark: "Dark" },
    about: "About L4 Workbench",
    aboutText: "Explores, judges and runs the compiled RTFS Modules of one L4 cache, on this machine and without a network.",
    close: "Close",
    facts: { store: "Store", origin: "Ledger", model: "Embedding model", index: "Index", root: "Trust root", policy: "Policy" },
    available: "available",
    missing: "not available",
    noRoot: "none",
    warning: "Warning",
    keys: "Keyboard",
    shortcuts: [
      ["Ctrl/⌘ K", "Commands"],
      ["/", "Search"],
      ["↑ ↓ Enter", "Choose and open a result"],
      ["Alt ← →", "Back, forward"]
    ]
  },
  status: {
    label: "Status",
    readOnly: "open for reading only",
    heldBy: (holder: string) => `held by ${holder}`,
    modules: (count: number) => plural(count, "Module", "Modules"),
    pending: (count: number) => `${count.toLocaleString("en")} pending`,
    ledger: (count: number) => plural(count, "Ledger entry", "Ledger entries"),
    root: (version: number) => `Root v${version}`,
    noRoot: "No trust root",
    rootExpires: (date: string) => `expires ${date}`,
    policy: (preset: string) => `Policy ${preset}`,
    unprotectedKeys: (count: number) => plural(count, "unprotected key", "unprotected keys"),
    lockedKeys: (count: number) => plural(count, "locked key", "locked keys"),
    warnings: (count: number) => plural(count, "warning", "warnings"),
    connection: {
      connecting: "Connecting…",
      ready: "Engine ready",
      restarting: "Engine restarting",
      lost: "Engine not reachable, trying again",
      "no-token": "Not connected"
    } satisfies Record<Connection, string>
  },
  noToken: {
    title: "This page was opened without its key",
    text: "Each launch of the workbench has an address of its own. Open the address that the program printed, or start it again with “npm start”."
  },

  explore: {
    type: "TYPE",
    typePlaceholder: "(string) -> int",
    typeHelp: "Parameters and result, such as (int, ?a) -> ?a. A variable stands for any type.",
    typeRead: "read as",
    verdictFilter: "Verdict",
    facet: "Narrow",
    facets: { any: "All Modules", pure: "Without effects", used: "Used before", unused: "Never used" },
    examples: {
      title: "Find by Examples",
      label: "Example: arguments => result",
      placeholder: '["one two"] => 2',
      add: "Add Example",
      remove: (example: string) => `Remove the Example ${example}`,
      review: "run pending ones too, in review mode",
      tried: (tried: number, considered: number, done: boolean) =>
        `${tried.toLocaleString("en")} of ${considered.toLocaleString("en")} run${done ? "" : "…"}`,
      skipped: (count: number) => `${plural(count, "candidate was", "candidates were")} passed over`
    },
    compare: {
      mark: "Mark to compare",
      unmark: "Unmark",
      act: "Compare with the marked one",
      title: "Two Mappings compared",
      running: "Running both on made-up inputs…",
      behaviour: "Where they part",
      agree: (inputs: number) => `They agree on all ${inputs.toLocaleString("en")} made-up inputs.`,
      differ: (count: number, inputs: number) =>
        `They part on ${count.toLocaleString("en")} of ${inputs.toLocaleString("en")} made-up inputs.`,
      untrusted: "One of them is untrusted, so neither is run.",
      otherInterface: "Their Interfaces differ, so there is no input for both.",
      sameSource: "The same text.",
      input: "Arguments",
      here: "The marked one",
      there: "The other"
    },
    differs: (args: string, here: string, there: string) => `A rival answers otherwise on ${args}: ${here} here, ${there} there.`,
    any: "Any",
    results: "Results",
    count: (shown: number, total: number) =>
      shown < total ? `${shown.toLocaleString("en")} of ${total.toLocaleString("en")}` : plural(total, "result", "results"),
    best: (count: number) => `the best ${count.toLocaleString("en")}`,
    newestFirst: "newest first",
    bestFirst: "best first",
    loading: "Searching…",
    emptyTitle: "Nothing found",
    emptyText: "No Mapping fits these words, this TYPE and this Verdict. Try fewer words, or leave the TYPE open.",
    emptyStoreTitle: "The cache is empty",
    emptyStoreText: "Publish a Module, or start with the sample library:",
    reset: "Clear all filters",
    similarity: (percent: string) => `${percent} similar`,
    similarityLabel: "Similarity",
    used: (count: number) => (count === 0 ? "not used yet" : plural(count, "Hit", "Hits")),
    unreviewed: "no person reviewed it",
    preview: "Preview",
    previewEmpty: "Choose a result to see what it is and why it may be trusted.",
    open: "Open",
    run: "Run",
    review: "Run in review mode",
    neverRuns: "Untrusted: it never runs.",
    why: "Why it ranks here",
    size: "Size",
    fuel: "Fuel",
    created: "Published",
    usedLabel: "Used",
    resize: "Resize the preview"
  },

  module: {
    none: "No Module chosen",
    noneText: "Open one from Explore, or type its Digest into the commands.",
    toExplore: "Go to Explore",
    loading: "Reading the Module…",
    mapping: "Mapping",
    mappingHelp: "A Verdict speaks of one Mapping: the claim that this Module answers one Task.",
    mappings: (count: number) => `answers ${plural(count, "Task", "Tasks")}`,
    moduleDigest: "Module",
    mappingDigest: "Mapping",
    run: "Run",
    review: "Run in review mode",
    export: "Export…",
    tabs: {
      verdict: "Verdict",
      interface: "Interface",
      source: "Source",
      examples: "Examples",
      versions: "Versions",
      used: "Used",
      attestations: "Attestations",
      wat: "WAT",
      bytes: "Bytes"
    } satisfies Record<ModuleTab, string>,
    tabsLabel: "What is known of this Module",
    asCommand: "as a command",
    supersedes: "supersedes",
    supersededBy: "superseded by",
    unreviewedNote: "no person reviewed"
  },
  verdict: {
    rule: "Rule",
    ruleName: "Name of the rule",
    outcome: "Outcome",
    why: "Why",
    evidence: "Evidence",
    outcomes: { pass: "Met", fail: "Fails", missing: "Missing", "not-required": "Not required" },
    summary: (met: number, fails: number, missing: number, rest: number) =>
      [fails > 0 && `${fails} fail`, missing > 0 && `${missing} missing`, `${met} met`, rest > 0 && `${rest} not required`]
        .filter(Boolean)
        .join(" · "),
    notes: "Notes",
    ignored: "Envelopes that count for nothing",
    underPolicy: "policy",
    underRoot: (id: string, version: number) => `root ${id} v${version}`,
    noRoot: "no root",
    revocations: (version: number) => `revocations v${version}`,
    asOf: (size: number) => `as of ${plural(size, "Ledger entry", "Ledger entries")}`,
    evidenceLink: (position: number) => `Evidence ${position}`,
    noEvidence: "–",
    rules: {
      "blob-intact": "Bytes match their Digest",
      "runtime-known": "Runtime is known and allowed",
      "root-current": "Trust root is current",
      "envelopes-sound": "Envelopes are sound",
      "mapping-signed": "A Publisher signed the Mapping",
      "interface-matches": "Interface matches",
      "provenance-signed": "Provenance is signed",
      reproducible: "Rebuild gives the same bytes",
      "dependencies-sound": "Imports are sound",
      "capabilities-allowed": "Effects are allowed",
      "tests-passed": "Examples passed",
      "signed-off": "A reviewer signed off",
      "two-persons": "Two persons agreed",
      "not-refused": "No reviewer refused",
      "keys-valid": "Keys were valid",
      "not-revoked": "Nothing is revoked",
      "ledger-included": "Recorded in the Ledger",
      "ledger-consistent": "Ledger is consistent"
    } satisfies Record<RuleName, string>
  },
  interface: {
    parameters: "Parameters",
    parameter: (position: number) => `Parameter ${position}`,
    rest: "Further arguments, each",
    noParameters: "It takes no arguments.",
    result: "Result",
    effects: "Effects",
    noEffects: "None: the same arguments always give the same result.",
    arrow: "TYPE",
    canonical: "Canonical text",
    hash: "InterfaceHash",
    entry: "Entry",
    runtime: "Runtime",
    plainRuntime: "none: a plain Module",
    task: "Task words",
    imports: "Imports",
    namespace: "Namespace",
    size: "Module size",
    raw: "This Interface is shown as its text: its form is not known to this window."
  },
  source: {
    label: "Source",
    none: "There is no Source: the Module was handed in as bytes.",
    digest: "Source Digest"
  },
  examples: {
    none: "No Examples came with this Mapping.",
    arguments: "Arguments",
    result: "Expected result",
    origin: "From",
    try: "Try",
    tryLabel: (position: number) => `Try Example ${position} on the Run screen`,
    caller: "the caller",
    publisher: "the Publisher"
  },
  attestations: {
    none: "No Attestation speaks of this Module.",
    list: "Attestations",
    one: "Attestation",
    kinds: {
      "urn:rtfs:l4:module:v1": "Claim",
      "urn:rtfs:l4:embedding:v1": "Embedding",
      "https://slsa.dev/provenance/v1": "Provenance",
      "https://in-toto.io/attestation/test-result/v0.1": "Test result",
      "https://in-toto.io/attestation/svr/v0.2": "SignOff"
    } as Readonly<Record<string, string>>,
    counts: "counts",
    ignored: "ignored",
    ignoredBecause: "It counts for nothing:",
    by: "signed by",
    unknownKey: "a key unknown here",
    statement: "Statement",
    envelope: "Envelope",
    key: "Key",
    keyId: "KeyId",
    keyName: "Name",
    owner: "Owner",
    predicate: "Predicate type",
    sequence: "Ledger entry",
    digest: "Attestation Digest"
  },
  wat: { loading: "Disassembling…", label: "WebAssembly text" },
  bytes: bytesStrings,
  versions: versionsStrings,
  difference: differenceStrings,
  used: usedStrings,
  rebuild: rebuildStrings,

  run: {
    none: "Nothing to run yet",
    noneText: "Choose a Module in Explore and press Run.",
    arguments: "Arguments",
    noArguments: "It takes no arguments.",
    form: "Form",
    literal: "As an RTFS literal",
    literalLabel: "Arguments as an RTFS vector literal",
    literalHelp: "One vector of the positional arguments. The form above follows as you type.",
    formStands: "The literal cannot be read, so the form stands still:",
    limits: "Limits",
    limitNames: {
      fuelMax: "Fuel",
      timeoutMs: "Time (ms)",
      memoryPagesMax: "Memory (64 KiB pages)",
      hostCallsMax: "Host calls",
      inputBytesMax: "Input (bytes)",
      outputBytesMax: "Output (bytes)"
    },
    limitRange: (low: number, high: number) => `a whole number from ${low.toLocaleString("en")} to ${high.toLocaleString("en")}`,
    defaults: "Use the defaults",
    changed: (count: number) => `${count} changed`,
    start: "Run",
    startReview: "Run in review mode",
    stop: "Stop",
    neverRuns: "This Mapping is untrusted, so it never runs. Its Verdict says why.",
    seeVerdict: "See its Verdict",
    reviewNote: "Review mode: this Mapping is pending. The Outcome is marked and never counted as a Hit.",
    running: "Running…",
    outcome: "Outcome",
    noOutcome: "Give the arguments and run; the value, fuel, time and memory appear here.",
    copyValue: "Copy the value",
    copyCommand: "Copy as a command",
    fuel: "Fuel",
    unmetered: "not metered",
    memoryUnknown: "not known",
    time: "Time",
    memory: "Memory",
    reviewMark: "review",
    history: "History",
    historyEmpty: "Runs of this window are listed here.",
    again: "Use these arguments again",
    clearHistory: "Clear the history",
    answers: answersStrings,
    example: "Example",
    saveExample: "Save as Example",
    saveExampleHelp: "Copies it as JSON and opens a Draft of the next version with it.",
    showAll: (count: number) => `Show all ${count.toLocaleString("en")} characters`,
    kinds: {
      returned: "Returned",
      failed: "Failed",
      "needs-host": "Needs the host",
      "out-of-fuel": "Out of fuel",
      "timed-out": "Timed out",
      "out-of-memory": "Out of memory",
      trapped: "Trapped",
      rejected: "Rejected"
    },
    needsHost: (capability: string) => `It asked the host for ${capability}, and no answer was recorded.`,
    outOfFuel: (fuel: string) => `It used all of its ${fuel} fuel. Raise the limit, or give smaller arguments.`,
    timedOut: (ms: string) => `It was stopped after ${ms} ms.`,
    outOfMemory: (pages: string) => `It asked for more than ${pages} pages of memory.`,
    atPosition: (line: number, column: number) => `line ${line}, column ${column}`,
    cancelled: "Stopped. Nothing was served or counted.",
    value: {
      add: "Add",
      addLabel: (what: string) => `Add to ${what}`,
      remove: (position: number) => `Remove item ${position}`,
      item: (position: number) => `Item ${position}`,
      key: "Key",
      valueOf: "Value",
      given: "given",
      none: "nil",
      kind: "Kind",
      yes: "true",
      no: "false",
      any: "Any RTFS literal",
      functionRefused: "A function cannot be given from outside.",
      empty: "empty",
      include: (key: string) => `Give ${key}`,
      optional: "optional",
      where: "where"
    },
    problems: {
      int: "a whole number between −9223372036854775808 and 9223372036854775807",
      float: "a number such as 2.5, -1 or 1.0e10",
      keyword: "a keyword such as :name",
      literal: "an RTFS literal",
      vector: 'a vector of the positional arguments, such as [1 "a"]',
      count: (expected: string, found: number) => `expected ${expected}, found ${found}`,
      argumentCount: (count: number, more: boolean) => `${more ? "at least " : ""}${plural(count, "argument", "arguments")}`,
      expected: (what: string) => `Expected ${what}.`
    }
  },

  author: authorStrings,
  review: reviewStrings,
  bundles: bundlesStrings,
  ledger: ledgerStrings,
  dashboard: dashboardStrings,
  keys: keysStrings,
  settingsScreen: settingsStrings,

  fileTooLarge: (bytes: number) => `Expected a file of at most ${bytes.toLocaleString("en")} bytes.`,
  diffMore: (count: number) => `and ${plural(count, "line", "lines")} more`,

  tray: {
    label: "Long work",
    stop: "Stop",
    stopping: "Stopping…",
    waiting: "Waiting for the engine…",
    dismiss: (title: string) => `Put “${title}” away`,
    count: (done: number, total: number | null) =>
      total === null ? done.toLocaleString("en") : `${done.toLocaleString("en")} of ${total.toLocaleString("en")}`
  },
  unlock: {
    label: "Unlock keys",
    passphrase: "Passphrase",
    open: "Unlock",
    done: (count: number) => `${plural(count, "key", "keys")} unlocked`
  },

  failure: {
    title: "That did not work",
    defect: "A part of this window met a defect:",
    code: "Code",
    details: "Details",
    again: "Try again",
    copy: "Copy the details",
    safe: "Nothing was changed.",
    hint: {
      "unknown-digest": "Nothing in this store has that Digest. Check it, or import the Module first.",
      "ambiguous-prefix": "Give more of its digits.",
      "blob-damaged": "The stored bytes do not match their Digest. Run “l4 audit” to see what is damaged; Lookups pass over it.",
      "model-unavailable": "The embedding model is missing or altered. Words are matched as text until it is restored.",
      "index-unavailable": "The index is away or rebuilding. Try again in a moment.",
      "engine-stopped": "The engine is closed or restarting. It comes back by itself.",
      "queue-full": "More work is waiting than the stated bound. Try again in a moment."
    } as Readonly<Record<string, string>>
  },

  copy: {
    copy: (what: string) => `Copy ${what}`,
    copied: (what: string) => `${what} copied`,
    failed: "The clipboard refused the copy",
    digest: "Digest",
    command: "Command",
    text: "Text",
    link: "Link"
  },
  units: {
    bytes: (count: number) =>
      count < 1_024 ? `${count} B` : count < 1_048_576 ? `${(count / 1_024).toFixed(1)} KiB` : `${(count / 1_048_576).toFixed(1)} MiB`,
    ms: (ms: number) =>
      ms < 1 ? `${Math.round(ms * 1_000)} µs` : ms < 1_000 ? `${ms.toFixed(ms < 10 ? 2 : 1)} ms` : `${(ms / 1_000).toFixed(2)} s`,
    count: (count: number) => count.toLocaleString("en"),
    date: (ms: number) => new Date(ms).toLocaleDateString("en", { year: "numeric", month: "short", day: "numeric" })
  }
} as const
