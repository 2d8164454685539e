/** English of the Review screen. */

const modules = (count: number) => `${count.toLocaleString("en")} ${count === 1 ? "Mapping" : "Mappings"}`

export const reviewStrings = {
  title: "Review",
  lists: { waiting: "Waiting", unreviewed: "No person reviewed" },
  listLabel: "Mappings to review",
  choose: "Which list",
  loading: "Reading the queue…",
  reading: "Reading the evidence…",
  count: (count: number) => modules(count),
  noneTitle: "Nothing waits",
  noneText: "What is published and not yet trusted appears here, oldest first.",
  noneUnreviewed: "A person has reviewed every Mapping.",
  chooseTitle: "Choose a Mapping",
  chooseText: "Its evidence appears here; each part you open is ticked, and the ticks are signed with your decision.",
  resize: "Resize the evidence",
  evidence: "Evidence",
  tabs: { source: "Source", interface: "Interface", examples: "Examples", difference: "Difference", verdict: "What is missing" },
  viewed: "opened",
  notViewed: "not opened yet",
  checklist: "Opened so far",
  demanded: "the policy asks for it",
  next: "Next",
  previous: "Previous",
  keys: "J and K go to the next and the previous",
  note: "Note",
  notePlaceholder: "What you saw, for whoever reads this later",
  noteForRefusal: "A refusal needs a reason.",
  approve: "Sign off…",
  reject: "Refuse…",
  worth: {
    solo: "Under the policy solo one owner may publish and accept: this counts although both are you.",
    team: "Under the policy team another owner than the Publisher must accept, with everything opened.",
    strict: "Under the policy strict two owners beside the Publisher must accept, with everything opened.",
    automatic: "Under the policy automatic this is trusted without a person where nothing asks for one; your word still counts."
  },
  missing: (names: string) => `Not opened yet, so this sign-off does not suffice: ${names}.`,
  readOnly: "This store is open for reading only, so nothing can be signed here.",
  locked: "The reviewer's key is locked.",
  confirm: {
    approve: "Sign off this Mapping",
    reject: "Refuse this Mapping",
    explain: "These are the exact bytes that will be signed. It cannot be undone; it can be followed by a revocation.",
    statement: "Statement",
    statementDigest: "Statement",
    making: "Preparing the Statement…",
    cancel: "Do not sign",
    sign: (decision: string, module: string, mapping: string) => `${decision} Module ${module} for Mapping ${mapping}`,
    words: { approve: "Sign off", reject: "Refuse" },
    signing: "Signing…",
    changed: "Something changed since the Statement was shown; nothing was signed. Look at it again."
  },
  done: (decision: string, task: string, verdict: string) => `${decision}: “${task}” is ${verdict} now.`,
  doneWords: { approve: "Signed off", reject: "Refused" },
  refusals: "Refused by a reviewer before",
  examples: {
    none: "It came without Examples.",
    arguments: "Arguments",
    expected: "Expected",
    found: "Found now",
    runAll: "Run all, in review mode",
    running: "Running…",
    passed: (passed: number, count: number) => `${passed} of ${count} as expected`,
    notRun: "not run here",
    shown: (shown: number, count: number) => `The first ${shown} of ${count} are shown and run.`
  }
}
