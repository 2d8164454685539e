/** English of the Bundles screen. */

const plural = (count: number, one: string, many: string) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`

export const bundlesStrings = {
  title: "Bundles",
  parts: { export: "Export", import: "Import", history: "History" },
  partsLabel: "To and from other machines",
  explain: "A Bundle carries Modules with their evidence, proofs and roots to another machine or a server. It is a plain OCI image layout.",
  modules: (count: number) => plural(count, "Module", "Modules"),
  mappings: (count: number) => plural(count, "Mapping", "Mappings"),

  export: {
    what: "What to export",
    choices: { all: "All that is trusted or pending", since: "What was recorded since an export", some: "Chosen Modules or Mappings" },
    since: "Since Ledger entry",
    sinceHelp: "The number of entries the earlier export's checkpoint covers.",
    sinceLast: (size: number) => `The last export covered ${size.toLocaleString("en")} entries.`,
    digests: "Digests, one a line",
    digestsHelp: "Of Modules or Mappings, whole or shortened.",
    name: "File name",
    nameHelp: "Ending in .tar: one archive; otherwise a directory.",
    where: (folder: string) => `It is written into ${folder}.`,
    volumes: "More than 10,000 Modules become several volumes.",
    act: "Export",
    working: (name: string) => `Exporting ${name}`,
    locked: "The checkpoint of an export is signed by the ledger's key, which is locked.",
    done: (modules: string, bytes: string) => `${modules}, ${bytes}`,
    written: "Written",
    checkpoint: (size: number) => `Under a checkpoint of ${size.toLocaleString("en")} Ledger entries.`,
    problems: {
      name: "letters, digits, spaces and . _ ( ) + -",
      digests: "one Digest a line, at least 4 hex digits each",
      since: "a whole number"
    },
    expected: (what: string) => `Expected ${what}.`
  },

  import: {
    choose: "Choose a Bundle",
    list: "Bundles in the folder",
    none: "No Bundle lies in the folder yet.",
    folder: (folder: string) => `Put a file into ${folder}, or bring it here:`,
    bring: "Bring a .tar from elsewhere",
    bringing: (name: string) => `Bringing ${name}`,
    brought: (bytes: string) => `${bytes} brought`,
    drop: "…or drop it on this pane",
    directory: "directory",
    trustRoot: "Fingerprint of its root, if you do not know it yet",
    trustRootHelp: "64 hex digits, told to you by other means than the Bundle came. Confirming it is signed and stays.",
    fingerprintProblem: "Expected 64 hex digits.",
    pending: "Also take what is pending, for your own reviewers",
    check: "Check it",
    checking: (name: string) => `Checking ${name}`,
    checked: "checked, nothing written yet",
    report: "What it holds",
    roots: "Roots",
    ledgers: "Ledgers",
    mappings: "Mappings",
    task: "Task",
    verdict: "Verdict here",
    standing: "Here",
    evidence: "New evidence",
    standings: { new: "new", more: "more evidence", same: "already here" },
    rootStandings: {
      own: "your own",
      confirmed: "confirmed",
      "newly-confirmed": "confirmed by the fingerprint you gave",
      "not-confirmed": "not confirmed: nothing under it is trusted",
      refused: "refused"
    },
    ledgerStandings: {
      own: "your own",
      first: "seen for the first time",
      same: "as known",
      consistent: "grew from what is known",
      unproven: "its growth is not proven",
      older: "older than what is known",
      unlisted: "no confirmed root lists it"
    },
    revokes: (count: number) => `its revocations revoke ${count.toLocaleString("en")} things`,
    newVersions: (count: number) => plural(count, "new version", "new versions"),
    counts: (trusted: number, pending: number, untrusted: number) =>
      `${trusted.toLocaleString("en")} trusted, ${pending.toLocaleString("en")} pending, ${untrusted.toLocaleString("en")} untrusted`,
    willWrite: (count: number) => `${plural(count, "Mapping", "Mappings")} will be written.`,
    nothing: "Nothing of it is new here.",
    shown: (shown: number, count: number) =>
      `The first ${shown.toLocaleString("en")} of ${count.toLocaleString("en")} are shown; the saved report has all.`,
    act: "Import…",
    confirmTitle: "Import this Bundle",
    confirm:
      "It is verified again as a whole; then all that the report announces is written, or nothing. It cannot be undone; Modules can be evicted or revoked.",
    confirmAct: "Import",
    cancel: "Cancel",
    working: (name: string) => `Importing ${name}`,
    done: (written: number) => `${plural(written, "Mapping", "Mappings")} written`,
    save: "Save the report",
    file: "import-report.json",
    locked: "A key that is needed is locked.",
    readOnly: "This store is open for reading only: a Bundle can be checked here, not imported."
  },

  history: {
    loading: "Reading the Ledger…",
    none: "Nothing was exported or imported yet.",
    list: "Exports and imports",
    when: "When",
    what: "What",
    kinds: { exported: "Exported", imported: "Imported" },
    bundle: "Bundle",
    count: "Modules",
    entry: "Ledger entry"
  }
}
