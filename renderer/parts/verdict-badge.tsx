/** A Verdict by icon, word and colour, never by colour alone. */
import type { VerdictState } from "../../shared/trust.ts"
import { strings } from "../strings.ts"
import { Icon } from "../ui/icon.tsx"

const looks = {
  trusted: "text-trusted bg-trusted-ground",
  pending: "text-pending bg-pending-ground",
  untrusted: "text-untrusted bg-untrusted-ground"
} satisfies Record<VerdictState, string>

export function VerdictBadge({ state }: { readonly state: VerdictState }) {
  return (
    <span
      title={strings.verdictMeaning[state]}
      className={`inline-flex shrink-0 items-center gap-1 rounded-full py-px pr-2 pl-1.5 text-xs font-medium ${looks[state]}`}
    >
      <Icon name={state} className="size-3.5!" />
      {strings.verdicts[state]}
    </span>
  )
}
