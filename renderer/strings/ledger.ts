/** English of the Ledger screen. */

const entries = (count: number) => `${count.toLocaleString("en")} ${count === 1 ? "entry" : "entries"}`

export const ledgerStrings = {
  title: "Ledger",
  loading: "Reading the Ledger…",
  count: (count: number) => entries(count),
  shown: (shown: number, size: number) => `${shown.toLocaleString("en")} shown of ${entries(size)}, newest first`,
  kind: "Kind",
  allKinds: "All kinds",
  list: "Ledger entries",
  none: "No entry of this kind yet.",
  resize: "Resize the entry",
  chooseTitle: "Choose an entry",
  chooseText: "What it records, the bytes bound to it, and a proof of its place appear here.",
  kinds: {
    published: "Published",
    embedded: "Embedded anew",
    "signed-off": "Signed off",
    trusted: "Root trusted",
    revoked: "Revoked",
    "policy-changed": "Policy changed",
    imported: "Imported",
    exported: "Exported",
    evicted: "Evicted",
    "host-called": "Host called",
    feedback: "Feedback",
    used: "Hit log taken in",
    checkpoint: "Checkpoint",
    repaired: "Repaired"
  },
  entry: (sequence: number) => `Entry ${sequence.toLocaleString("en")}`,
  at: "Recorded",
  atNote: "by this machine's clock",
  leaf: "Leaf hash",
  body: "What it says",
  parts: "Bytes bound to it",
  part: "Part",
  bytes: "Size",
  digest: "Digest",
  noParts: "None.",
  openMapping: "Open the Mapping",
  proof: {
    title: "Proof of its place",
    explain: "An inclusion proof under a signed checkpoint: whoever has the ledger's key can check it without this store.",
    make: "Make the proof",
    making: "Making the proof…",
    save: "Save as file",
    file: (sequence: number) => `ledger-proof-${sequence}.txt`,
    locked: "The newest checkpoint does not cover this entry, and the ledger's key is locked."
  },
  head: {
    title: "Checkpoint",
    root: "Tree root",
    none: "No checkpoint is signed yet.",
    newest: "Newest signed checkpoint",
    sign: "Sign one now",
    signed: "Checkpoint signed",
    save: "Save as file",
    file: "checkpoint.txt",
    locked: "The ledger's key is locked."
  },
  verify: {
    now: "Verify the whole Ledger",
    title: "Verifying the Ledger",
    done: (checked: number, findings: number) =>
      findings === 0
        ? `${entries(checked)} verified, nothing to mend`
        : `${entries(checked)} verified, ${findings} findings: see Settings, Store`
  },
  check: {
    title: "Compare with a checkpoint from elsewhere",
    explain: "Paste a signed checkpoint somebody else kept of this Ledger, or of one a confirmed root lists.",
    label: "Signed checkpoint",
    placeholder: "origin\nsize\nroot\n\n— name signature",
    compare: "Compare",
    standings: {
      same: "The same: it speaks of exactly these entries.",
      prefix: "Sound: the Ledger here grew from it.",
      ahead: "It is ahead of the Ledger here: entries are missing here, or this store was put back.",
      forked: "It contradicts the Ledger here: two histories were signed. Trust neither until you know why.",
      unproven: "It cannot be proven either way from what is here."
    }
  },
  forks: {
    title: "Forks that were found",
    explain: "Two signed notes of one Ledger contradict each other. Both are kept as evidence.",
    kept: "Kept before",
    found: "Found then"
  }
}
