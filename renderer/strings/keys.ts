/** English of the Keys & trust screen. */

const plural = (count: number, one: string, many: string) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`

export const keysStrings = {
  title: "Keys & trust",
  parts: { keys: "Keys", roots: "Roots", policy: "Policy", revocations: "Revocations" },
  partsLabel: "What is believed and by whose word",
  loading: "Reading…",
  readOnly: "This store is open for reading only: nothing can be changed here.",
  cancel: "Cancel",
  locked: "This needs a key that is locked.",
  changes: {
    title: "What it changes",
    none: "No Mapping changes its Verdict.",
    count: (count: number) => `${plural(count, "Mapping changes", "Mappings change")} its Verdict:`,
    more: (count: number) => `and ${count.toLocaleString("en")} more`,
    root: (version: number) => `The root becomes version ${version}.`,
    noRoot: "The root stays as it is.",
    looking: "Looking what it would change…"
  },

  keys: {
    list: "Keys of this machine",
    explain: "They lie in your own data folder, never in a store, and never leave the engine's process.",
    none: "No key is here. Create one, or start a store with “l4 init”.",
    purpose: "For",
    purposes: { root: "Root", authority: "Authority", publisher: "Publisher", reviewer: "Reviewer", ledger: "Ledger" },
    purposeMeaning: {
      root: "signs the list of all other keys",
      authority: "signs policy and revocations",
      publisher: "signs what a Module answers",
      reviewer: "signs off or refuses",
      ledger: "signs the Ledger's checkpoints"
    },
    name: "Name",
    owner: "Owner",
    keyId: "KeyId",
    protection: "Opened by",
    slots: { passphrase: "passphrase", os: "this computer", none: "anyone: unprotected" },
    state: "State",
    states: { unlocked: "open", locked: "locked", retired: "retired" },
    actions: "Acts",
    actionsFor: (name: string) => `Acts on the key ${name}`,
    unlockWhy: (count: number) => `${plural(count, "key is", "keys are")} locked. They close again after 15 idle minutes.`,
    lock: "Lock all",
    lockedNow: (count: number) => `${plural(count, "key", "keys")} locked`,
    export: "Save the public half",
    pem: "Save as PEM",
    rotate: "Rotate…",
    retire: "Retire…",
    enrol: "Enter into the root…",
    create: "Create a key…",
    import: "Import a file…",
    protect: {
      why: (count: number) =>
        `${plural(count, "key is", "keys are")} unprotected: whoever reads your files can sign as you. Give them a passphrase; copies made before keep them in clear, so rotate them after.`,
      passphrase: "New passphrase",
      again: "The same again",
      differ: "The two differ.",
      act: "Protect"
    },
    vault: {
      keep: "Also open them with this computer's login",
      forget: "Forget them there",
      why: "They then open without a passphrase while you are logged in.",
      none: "This computer keeps no keys here:"
    },
    refused: "Files here that are no keys",
    createTitle: "Create a key",
    createPurpose: "What it is for",
    createPassphrase: "Passphrase",
    createUnprotected: "Empty: the key is unprotected, and every start says so.",
    createAct: "Create",
    created: "Key created",
    rotateTitle: "Rotate this key",
    rotateExplain: "A new key takes its place; what the old one signed until now still counts. It cannot be undone.",
    rotateAct: "Rotate",
    retireTitle: "Retire this key",
    retireExplain:
      "It signs nothing any more and leaves the root. What it signed until now still counts; revoke it where it must not. It cannot be undone.",
    retireAct: "Retire",
    enrolTitle: "Enter this key into the root",
    enrolExplain: "From then on what it signs counts here. The root keys sign the next version.",
    enrolAct: "Enter it",
    importTitle: "Import a key file",
    importExplain:
      "A public half from somebody else enters the root in a role. An encrypted key file of yours joins the keys here, closed.",
    importFile: "Key file",
    importRole: "In which role",
    importName: "Name here",
    importOwner: "Owner",
    importLedger: "Also list the Ledger the file names",
    importCompare: "Compare the KeyId with its owner by other means, such as by voice.",
    importAct: "Import",
    done: "Done"
  },

  roots: {
    own: "Own root",
    none: "This store has no root yet.",
    id: "Fingerprint of version 1",
    version: "Version",
    expires: "Expires",
    fingerprints: "Fingerprints of all versions",
    save: "Save as file, for others to confirm",
    file: "trust-root.json",
    roles: "Who may do what",
    role: "Role",
    threshold: "Needed",
    thresholdOf: (threshold: number, count: number) => `${threshold} of ${count}`,
    keys: "Keys",
    ledgers: "Ledgers it lists",
    closed: (size: number) => `closed at ${size.toLocaleString("en")} entries`,
    document: "The signed document",
    foreign: "Foreign roots you confirmed",
    noForeign: "None. A root is confirmed when a Bundle or a file brings it and you compare its fingerprint.",
    confirm: "Confirm a root from a file…",
    confirmTitle: "Confirm a foreign root",
    confirmExplain:
      "Ask its owner for the fingerprint by other means than the file came, and type it here. Your authority key signs the acceptance.",
    confirmFile: "Root file",
    confirmFingerprint: "Fingerprint they told you",
    confirmAct: "Confirm",
    confirmed: "Root confirmed"
  },

  policy: {
    inForce: "In force",
    notBelieved: "The signed policy is not believed, so the strictest applies:",
    preset: "Begin with",
    presets: { solo: "Solo", team: "Team", strict: "Strict", automatic: "Automatic" },
    presetMeaning: {
      solo: "One owner may publish and accept.",
      team: "Another owner than the Publisher must accept, having opened everything.",
      strict: "Two other owners must accept, having opened everything and the difference; no capabilities.",
      automatic:
        "Without capabilities, with an Example of the caller and a rebuild that gives the same bytes, no person is needed. Nobody looks at what is trusted then."
    },
    fields: {
      reviewers: "Reviewers needed",
      automatic: "No person needed where nothing asks for one",
      reviewerMayBePublisher: "A reviewer may be the Publisher's owner",
      viewed: "A reviewer must have opened",
      expiredRootDays: "Days a root may be expired",
      demandConsistency: "Foreign Ledgers must prove their consistency",
      capabilities: "Capabilities allowed",
      anyCapability: "any that is declared",
      listedCapabilities: "only these, one a line",
      runtimes: "Runtimes allowed",
      anyRuntime: "any that is known",
      listedRuntimes: "only these Digests, one a line"
    },
    viewedNames: {
      RTFS_L4_VIEWED_SOURCE: "Source",
      RTFS_L4_VIEWED_EXAMPLES: "Examples",
      RTFS_L4_VIEWED_INTERFACE: "Interface",
      RTFS_L4_VIEWED_DIFF: "Difference, where it supersedes"
    },
    unchanged: "This is the policy in force.",
    preview: "See what it would change…",
    title: "Change the policy",
    explain: "The authority key signs it. What was trusted under the old one is weighed anew at once.",
    act: "Sign and put in force",
    done: "Policy changed",
    reset: "Back to what is in force"
  },

  revocations: {
    list: "Revoked",
    none: "Nothing is revoked.",
    version: (version: number, expires: string) => `Version ${version}, good until ${expires}`,
    what: "What",
    whatHelp: "A KeyId, or the Digest of a Module or a Mapping.",
    reason: "Reason",
    reasons: { compromised: "Compromised", superseded: "Superseded", ceased: "Ceased", wrong: "Wrong", harmful: "Harmful" },
    reasonMeaning: {
      compromised: "somebody else may have the key: nothing it signed counts",
      superseded: "something better took its place",
      ceased: "it is no longer used; what it signed before still counts",
      wrong: "it does not do what it says",
      harmful: "running it does harm"
    },
    note: "Note",
    asOf: (size: number) => `what it signed up to ${plural(size, "Ledger entry", "Ledger entries")} still counts`,
    replacement: (digest: string) => `replaced by ${digest}`,
    title: "Revoke",
    form: "Revoke a key, a Module or a Mapping",
    preview: "See what it would change…",
    explain: "It takes effect at once, in every process that has this store open, and travels with every Bundle. It cannot be undone.",
    act: "Revoke",
    done: "Revoked",
    document: "The signed document"
  }
}
