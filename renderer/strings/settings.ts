/** English of the Settings screen. */

const plural = (count: number, one: string, many: string) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`

export const settingsStrings = {
  title: "Settings",
  parts: {
    store: "Store",
    limits: "Limits and thresholds",
    model: "Embedding model",
    appearance: "Appearance",
    diagnostics: "Diagnostics",
    about: "About"
  },
  partsLabel: "What can be set",
  loading: "Reading…",
  readOnly: "This store is open for reading only.",

  store: {
    place: "Folder",
    origin: "Ledger",
    held: "Held by",
    counts: "Holds",
    countsText: (mappings: number, modules: number, records: number) =>
      `${plural(mappings, "Mapping", "Mappings")} of ${plural(modules, "Module", "Modules")}, ${plural(records, "Ledger entry", "Ledger entries")}`,
    sizes: "Sizes",
    names: { blobs: "Blobs", ledger: "Ledger", lance: "Tables for Find", hot: "Hot index", hits: "Hit log" },
    truth: "truth: never rebuilt",
    derived: "derived: can be rebuilt",
    log: "log",
    audit: {
      title: "Audit",
      explain:
        "Checks every Blob, Attestation, Ledger entry and index against each other. Repair rebuilds what is derived and touches nothing else.",
      run: "Audit now",
      repair: "Audit and repair",
      working: "Auditing the store",
      done: (findings: number) => (findings === 0 ? "nothing to mend" : plural(findings, "finding", "findings")),
      checked: "Checked",
      findings: "Findings",
      none: "Nothing to mend.",
      repaired: "repaired",
      harmless: "harmless"
    },
    gc: {
      title: "Space",
      explain: "Blobs that no Ledger entry names, a day after they were last put, may go. What a record names never does.",
      look: "See what could go",
      act: "Remove them",
      working: "Removing unreferenced Blobs",
      could: (count: number, bytes: string) => `${plural(count, "Blob", "Blobs")}, ${bytes}`,
      gone: (count: number, bytes: string) => `${plural(count, "Blob", "Blobs")} removed, ${bytes} freed`
    }
  },

  limits: {
    explain: "They hold for all doors of this machine, where a caller says nothing of its own.",
    similarityMin: "Similarity a Hit needs",
    similarityHelp: "Cosine of the words' Embeddings, 0.5 to 1. Below 0.99 wrong Hits become likely.",
    falseHitMax: "Wrong Hits the verified tier may have",
    falseHitHelp: "As a rate, 0 to 0.5: 0.01 is one in a hundred, at 95 % confidence.",
    fuelMax: "Fuel of a Run",
    timeoutMs: "Time of a Run (ms)",
    memoryPagesMax: "Memory of a Run (64 KiB pages)",
    requestTexts: "Words of requests in the hit log",
    texts: { keep: "keep them", hash: "keep only their Digest" },
    expected: (low: number, high: number) => `Expected a number from ${low} to ${high.toLocaleString("en")}.`,
    save: "Save",
    saved: "Settings saved",
    defaults: "Back to the defaults",
    unchanged: "Saved as shown."
  },

  model: {
    id: "Model",
    digest: "Digest",
    state: "State",
    available: "available",
    missing: "not available: words are matched as text, similarity rests",
    change: "Another model is put in by command: it embeds every Mapping anew and changes no Verdict.",
    command: "l4 reembed --model DIR"
  },

  appearance: {
    theme: "Colours",
    contrast: "High contrast and reduced motion follow the system.",
    layout: "Panes are remembered as you leave them.",
    forget: "Forget what this window remembers",
    forgotten: "Forgotten; reload to see it",
    tour: "Show the tour again"
  },

  diagnostics: {
    explain:
      "One file for whoever helps you: versions, sizes, warnings, findings of the Audit and the last failures of this window. No key, no Source, no words of requests.",
    export: "Save the diagnostics",
    working: "Collecting diagnostics",
    collected: "collected",
    file: "l4-diagnostics.json"
  },

  about: {
    text: "Explores, judges and runs the compiled RTFS Modules of one L4 cache, on this machine and without a network.",
    licence: "Apache-2.0. The embedding model all-MiniLM-L6-v2 is Apache-2.0 too.",
    notElectron: "The window is checked in Chromium; what only Electron can prove is listed in the README."
  },

  tour: {
    title: "A short tour",
    step: (step: number, count: number) => `${step} of ${count}`,
    next: "Next",
    back: "Back",
    skip: "Skip the tour",
    done: "Done",
    go: "Go there",
    steps: [
      ["Search", "Say what a Module should do. Words, a TYPE and Examples narrow together, and each row says why it ranks."],
      ["Run", "A trusted Module runs behind the sandbox wall: no files, no network, with limits on fuel, time and memory."],
      [
        "Tamper, and see it refused",
        "Every load is hashed again. Change one byte of a Blob on disk and Lookups pass over it; the Audit names it."
      ],
      ["Author", "Write RTFS with diagnostics and Examples that run as you type, and publish it as Pending."],
      ["Sign off", "Review shows the evidence; what you open is part of what you sign, and the bytes are shown before you do."],
      ["Export", "A Bundle takes Modules with their proofs to a server, which verifies them with stock tools."]
    ] as readonly (readonly [title: string, text: string])[]
  }
}
