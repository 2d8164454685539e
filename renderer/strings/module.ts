/** English of the Module screen's parts that stand beside the Verdict: bytes, versions, use, rebuild. */
import type { SectionProblem } from "../features/module/sections.ts"

const many = (count: number, one: string, more: string) => `${count.toLocaleString("en")} ${count === 1 ? one : more}`

export const bytesStrings = {
  loading: "Reading the bytes…",
  label: "Bytes: offset, hex and ASCII",
  sections: "Sections",
  names: [
    "custom",
    "type",
    "import",
    "function",
    "table",
    "memory",
    "global",
    "export",
    "start",
    "element",
    "code",
    "data",
    "data count",
    "tag"
  ] as readonly string[],
  unknown: (id: number) => `unknown, id ${id}`,
  unnamed: "name damaged",
  save: "Save as file…",
  problem: {
    "no-module": "These bytes do not begin as a WebAssembly module of version 1, so no sections are marked.",
    cut: "From here on the bytes are no whole section, so none is marked.",
    many: "Only the first 1,000 sections are marked."
  } satisfies Record<SectionProblem, string>,
  problemAt: (at: string) => `at ${at}`,
  limit: (max: string) => `Offsets in hex. A Module holds at most ${max}; a section's size is a number of 32 bits.`
}

export const versionsStrings = {
  loading: "Reading the versions…",
  older: "It supersedes",
  newer: "It is superseded by",
  noOlder: "Nothing: it is the first of its line.",
  noNewer: "Nothing: it is the newest of its line.",
  away: "not in this store",
  compare: "Compare",
  compareLabel: (task: string, digest: string) => `Compare with ${task}, Mapping ${digest}`,
  running: "Running the Examples of both…",
  cut: (count: number) => `Only the nearest ${many(count, "version", "versions")} are listed.`,
  otherLabel: "Compare with any Mapping",
  otherPlaceholder: "Digest, or its first digits",
  otherWrong: "Expected at least 4 hex digits of a Digest.",
  choose: "Choose a version to see what changed: Interface, Source, behaviour on the Examples of both, size and fuel."
}

export const differenceStrings = {
  title: "Difference",
  against: "Compared with",
  interface: "Interface",
  same: "the same",
  entry: "Entry",
  bytes: "Size",
  fuel: "Fuel on the Examples",
  behaviour: "Examples that behave differently",
  noBehaviour: "All Examples of both end the same.",
  ran: (ran: number, inAll: number) => `${ran.toLocaleString("en")} of ${many(inAll, "Example", "Examples")} were run.`,
  arguments: "Arguments",
  before: "Before",
  after: "After",
  untrusted: "may not run",
  source: "Source",
  noSource: "One of the two has no Source."
}

export const usedStrings = {
  loading: "Reading the hit log…",
  title: "Where it was hit",
  none: "Not used yet",
  noneText: "Hits and Runs of this Mapping appear here, the newest first.",
  shown: (shown: number, total: number) =>
    shown < total
      ? `The newest ${shown.toLocaleString("en")} of ${total.toLocaleString("en")} are shown.`
      : many(total, "entry", "entries"),
  when: "When",
  kind: "Kind",
  tier: "Tier",
  similarity: "Similarity",
  latency: "Latency",
  outcome: "Outcome",
  fuel: "Fuel",
  request: "Request",
  unkept: "its words are not kept",
  profile: "Fuel profile",
  profileHelp: "Fuel is counted by the compiled code itself: the same arguments always use the same.",
  atPublish: "Most on one Example when it was published",
  measure: "Measure on the Examples",
  measuring: "Measuring…",
  measured: (count: number) => `Measured on ${many(count, "Example", "Examples")}`,
  least: "Least",
  middle: "Median",
  most: "Most",
  noExamples: "It came without Examples, so nothing can be measured.",
  untrusted: "It is untrusted, so it is not run to be measured."
}

export const rebuildStrings = {
  title: "Rebuild and compare",
  act: "Rebuild and compare",
  help: "Compiles the stored Source with its imports here and compares the Digests. Nothing is stored or signed.",
  running: "Compiling…",
  equal: "Equal: this Source gives exactly these bytes.",
  different: "Not equal: this compiler makes other bytes of the Source. The Verdict's rule “reproducible” says whether that counts.",
  rejected: "Not equal: this compiler refuses the Source.",
  expected: "Stored",
  found: "Rebuilt",
  noSource: "There is no Source to rebuild from.",
  took: (time: string, bytes: string) => `${bytes} in ${time}`
}
