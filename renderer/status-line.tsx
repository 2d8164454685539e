/** The line at the bottom: which store, under which root and policy, and whatever a person should worry about. */
import type { EngineStatus } from "../shared/engine-contract.ts"
import { useConnection } from "./engine.ts"
import { shortDigest } from "./parts/digest-chip.tsx"
import { useStoreStatus } from "./store-status.ts"
import { strings } from "./strings.ts"
import type { IconName } from "./ui/icon.tsx"
import { Icon } from "./ui/icon.tsx"
import { visibleLine } from "./ui/visible-text.ts"

export function StatusLine() {
  const { state } = useConnection()
  const { status } = useStoreStatus()
  return (
    <footer className="col-span-2 flex min-h-7 flex-wrap items-center gap-x-4 border-t border-line bg-surface px-3 text-xs whitespace-nowrap text-muted">
      {status !== null && <Facts status={status} />}
      <span className="grow" />
      {status !== null && <Worries status={status} />}
      <span className="flex items-center gap-1.5">
        <span
          aria-hidden="true"
          className={`size-2 rounded-full ${state === "ready" ? "bg-trusted" : state === "connecting" ? "bg-line-strong" : "bg-untrusted"}`}
        />
        {strings.status.connection[state]}
      </span>
    </footer>
  )
}

function Facts({ status }: { readonly status: EngineStatus }) {
  const { root } = status
  return (
    <>
      <Item icon="store" title={status.store}>
        {visibleLine(status.store.split(/[\\/]/).filter(Boolean).at(-1) ?? status.store)}
        {status.readOnly && <span className="text-pending">{strings.status.readOnly}</span>}
        {status.heldBy !== undefined && <span className="text-pending">{strings.status.heldBy(visibleLine(status.heldBy))}</span>}
      </Item>
      <span className="tabular-nums">{strings.status.modules(status.modules)}</span>
      {status.pending > 0 && <span className="text-pending tabular-nums">{strings.status.pending(status.pending)}</span>}
      <span className="tabular-nums max-md:hidden">{strings.status.ledger(status.ledgerSize)}</span>
      <Item icon="root" title={root === null ? "" : root.id}>
        {root === null ? strings.status.noRoot : strings.status.root(root.version)}
        {root !== null && expiresSoon(root.expires) && (
          <span className="text-pending">{strings.status.rootExpires(root.expires.slice(0, 10))}</span>
        )}
      </Item>
      <Item icon="trusted" title={root === null ? "" : shortDigest(root.id)}>
        {strings.status.policy(status.preset)}
      </Item>
    </>
  )
}

function Worries({ status }: { readonly status: EngineStatus }) {
  return (
    <>
      {status.unprotectedKeys > 0 && (
        <Item icon="key" className="text-pending">
          {strings.status.unprotectedKeys(status.unprotectedKeys)}
        </Item>
      )}
      {status.lockedKeys > 0 && <Item icon="key">{strings.status.lockedKeys(status.lockedKeys)}</Item>}
      {status.warnings.length > 0 && (
        <Item icon="warning" className="text-pending" title={status.warnings.map(visibleLine).join("\n")}>
          {status.warnings.length === 1 ? (
            <span className="max-w-80 truncate">{visibleLine(status.warnings[0]!)}</span>
          ) : (
            strings.status.warnings(status.warnings.length)
          )}
        </Item>
      )}
    </>
  )
}

function Item({
  icon,
  title,
  className = "",
  children
}: {
  readonly icon: IconName
  readonly title?: string
  readonly className?: string
  readonly children: React.ReactNode
}) {
  return (
    <span title={title} className={`flex items-center gap-1.5 ${className}`}>
      <Icon name={icon} className="size-3.5!" />
      {children}
    </span>
  )
}

/** Within 90 days. */
function expiresSoon(expires: string): boolean {
  return Date.parse(expires) - Date.now() < 90 * 86_400_000
}
