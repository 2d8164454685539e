/** A Digest, shortened for the eye, whole for the clipboard and the tooltip. */
import { CopyIcon } from "../ui/copy.tsx"

export function DigestChip({ name, digest }: { readonly name: string; readonly digest: string }) {
  return (
    <span className="inline-flex items-center gap-1 text-xs text-muted">
      {name}
      <code title={digest} className="text-text">
        {shortDigest(digest)}
      </code>
      <CopyIcon text={digest} what={`${name} Digest`} />
    </span>
  )
}

/** The first 12 hex digits: enough to tell apart, not to judge by. */
export function shortDigest(digest: string): string {
  return `${digest.replace(/^sha256:/, "").slice(0, 12)}…`
}
