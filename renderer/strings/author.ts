/** English of the Author screen. */

const plural = (count: number, one: string, many: string) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`

export const authorStrings = {
  title: "Author",
  source: "Source",
  resize: "Resize the editor",
  format: "Lay out",
  formatHint: "Sets the indentation of every line by its brackets",
  discard: "Discard",
  undoDiscard: "Undo discard",
  template: "Begin from",
  templates: { empty: "An empty Draft", count: "Count words", total: "Fold a list", records: "Work on maps" },
  saved: "Draft kept in this window",
  sizes: {
    source: (found: string, max: string) => `Source ${found} of ${max}`,
    module: (bytes: string) => `Module ${bytes}`,
    tooLarge: "over the limit"
  },
  compile: {
    waiting: "Compiling…",
    good: (ms: string) => `Compiles in ${ms}`,
    errors: (errors: number, warnings: number) =>
      [errors > 0 && plural(errors, "error", "errors"), warnings > 0 && plural(warnings, "warning", "warnings")].filter(Boolean).join(", "),
    list: "Diagnostics",
    at: (line: number, column: number) => `line ${line}, column ${column}`,
    expected: (expected: string, found: string | undefined) =>
      found === undefined ? `expected ${expected}` : `expected ${expected}, found ${found}`,
    entry: "Entry",
    declared: "Interface",
    inferred: "Inferred",
    useInferred: "the compiler's reading where nothing is declared; it is never hashed",
    digest: "Module"
  },
  task: {
    words: "Task words",
    placeholder: "What it does, as somebody would ask for it",
    canonical: "kept as",
    near: "Exists already",
    nearOne: (similarity: string) => `${similarity} alike`,
    supersede: "Supersede it",
    superseding: "Supersedes",
    stop: "Do not supersede"
  },
  examples: {
    title: "Examples",
    arguments: "Arguments, one vector",
    result: "Expected result",
    found: "Found",
    add: "Add an Example",
    remove: (position: number) => `Remove Example ${position}`,
    take: "Take as expected",
    takeLabel: (position: number) => `Take what Example ${position} found as expected`,
    passed: (passed: number, count: number) => `${passed} of ${count} as expected`,
    waiting: "waits for a Source that compiles",
    running: "…",
    answered: (count: number) => `runs with its ${plural(count, "recorded answer", "recorded answers")} when it is published`,
    handed: "The Example joined the Draft.",
    limit: (count: number) => `At most ${count.toLocaleString("en")}; the first 50 run as you type.`,
    moduleForm: "A module form runs once it is published."
  },
  imports: {
    title: "Imports",
    name: "Name",
    digest: "Digest of the Module",
    add: "Add an import",
    remove: (name: string) => `Remove the import ${name}`
  },
  wat: { show: "WebAssembly text", loading: "Disassembling…" },
  publish: {
    act: "Publish as Pending",
    title: "Publish",
    explain:
      "It is compiled and tested again, signed by your publisher key and kept as Pending until the policy is satisfied. A published Module is never changed.",
    cancel: "Cancel",
    confirm: "Publish",
    working: "Publishing…",
    locked: "The publisher's key is locked.",
    needs: { task: "Task words", source: "a Source that compiles", examples: "at least one Example that holds" },
    missing: (what: string) => `Missing: ${what}.`,
    done: (verdict: string) => `Published; it is ${verdict} now.`,
    already: "It was here already, under the same Digests.",
    open: "Open it",
    review: "Review it",
    failed: "Examples did not hold, so nothing was published:",
    refused: "The sandbox refused it, so nothing was published:",
    readOnly: "This store is open for reading only: nothing can be published."
  }
}
