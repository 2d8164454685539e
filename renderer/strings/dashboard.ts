/** English of the Dashboard. */

export const dashboardStrings = {
  title: "Dashboard",
  figures: "Figures",
  range: "Time",
  ranges: { hour: "Last hour", day: "Last day", week: "Last week", month: "Last 30 days" },
  refresh: "Read again",
  loading: "Reading the log…",
  readAt: (time: string) => `as of ${time}`,
  noneTitle: "Nothing was asked in this time",
  noneText:
    "Hits, Misses and their reasons, latency and what was saved appear here once somebody looks something up: from the command line, a program, or the Run screen.",
  tiles: {
    hits: "Hits",
    misses: "Misses",
    rate: "Hit rate",
    p50: "Lookup, median",
    p99: "Lookup, 99th percentile",
    wrong: "Judged wrong",
    wrongOf: (wrong: number, n: number) => `${wrong} of ${n}`,
    nothing: "–"
  },
  asChart: "Chart",
  asTable: "Table",
  shownAs: (what: string) => `${what} as`,
  lookups: {
    title: "Lookups over time",
    hits: "Hits",
    misses: "Misses",
    rate: "Hit rate",
    when: "From",
    gone: "Logs of the hatched time are gone: nothing is known of it.",
    goneCell: "not known"
  },
  latency: { title: "Lookup latency over time", p50: "p50", p95: "p95", p99: "p99", unit: "µs" },
  reasons: {
    title: "Misses by reason",
    none: "No Misses.",
    reason: "Reason",
    count: "Misses",
    words: {
      "no-such-interface": "No Mapping has the Interface",
      "too-far": "Nothing is near enough",
      untrusted: "What is near is not trusted",
      damaged: "The bytes do not match",
      ambiguous: "Rivals disagree",
      "index-rebuilding": "The index was rebuilding",
      "log-unavailable": "The hit log could not be written"
    }
  },
  steps: {
    title: "Time of each step",
    step: "Step",
    n: "Times",
    names: { embed: "Embed the words", search: "Search", fetch: "Verdict and bytes", run: "Run" }
  },
  used: {
    title: "Most used",
    task: "Task",
    hits: "Hits",
    last: "Last used",
    never: (count: number) => `${count.toLocaleString("en")} Mappings had no Hit in this time.`
  },
  missed: { title: "Missed most", task: "Request", count: "Misses", reason: "Why", unkept: "its words are not kept" },
  worth: {
    title: "What it saved, since the first Hit",
    assumed: "Assumed",
    tokensPerGeneration: "Tokens a generation",
    moneyPerMillionTokens: "Money a million tokens",
    secondsPerGeneration: "Seconds a generation",
    moneyPerModule: "Money a Module, once",
    number: "a number that is not negative",
    tokens: "Tokens saved",
    money: "Money saved",
    time: "Time saved",
    breakEven: (hits: string, paid: number, used: number) =>
      `A Module pays for itself after ${hits} Hits; ${paid} of ${used} used ones have.`,
    never: "With no money a token, no Hit saves money.",
    paid: "Paid back",
    basis: (hits: string) => `n = ${hits} Hits, each taken for one generation avoided. These are assumptions, not measurements.`
  },
  served: {
    title: "Served lately",
    when: "When",
    kind: "Kind",
    what: "What",
    why: "Why",
    request: "Request",
    kinds: { hit: "Hit", miss: "Miss", run: "Run", shadow: "Shadow answer" },
    similarity: (value: string) => `similarity ${value}`,
    right: "Right",
    wrong: "Wrong",
    judge: (what: string, task: string) => `Say that this answer was ${what}: ${task}`,
    judged: "Recorded in the Ledger.",
    more: "Show more"
  }
}
