/** About: what this is, what is open, and the keys that matter. */
import { useStoreStatus } from "./store-status.ts"
import { strings } from "./strings.ts"
import { Dialog } from "./ui/dialog.tsx"
import { visibleLine } from "./ui/visible-text.ts"

export function AboutDialog({ open, onClose }: { readonly open: boolean; readonly onClose: () => void }) {
  const { status } = useStoreStatus()
  const { facts } = strings.settings
  const rows: (readonly [string, string])[] =
    status === null
      ? []
      : [
          [facts.store, status.store],
          [facts.origin, status.origin],
          [facts.policy, status.preset],
          [
            facts.root,
            status.root === null
              ? strings.settings.noRoot
              : `v${status.root.version}, ${strings.status.rootExpires(status.root.expires.slice(0, 10))}`
          ],
          [
            facts.model,
            `${status.model.id}, ${status.model.available ? strings.settings.available : (status.model.why ?? strings.settings.missing)}`
          ],
          [facts.index, status.indexAvailable ? strings.settings.available : strings.settings.missing]
        ]
  return (
    <Dialog open={open} onClose={onClose} title={strings.settings.about} closeLabel={strings.settings.close}>
      <div className="flex flex-col gap-4 overflow-y-auto p-4">
        <p className="text-muted">{strings.settings.aboutText}</p>
        <Pairs rows={[...rows, ...(status?.warnings ?? []).map(warning => [strings.settings.warning, warning] as const)]} />
        <h3 className="font-semibold">{strings.settings.keys}</h3>
        <Pairs rows={strings.settings.shortcuts} />
      </div>
    </Dialog>
  )
}

function Pairs({ rows }: { readonly rows: readonly (readonly [string, string])[] }) {
  return (
    <dl className="grid grid-cols-[9rem_1fr] gap-x-4 gap-y-1">
      {rows.map(([name, value]) => (
        <div key={`${name} ${value}`} className="contents">
          <dt className="text-muted">{name}</dt>
          <dd className="min-w-0 break-words">{visibleLine(value)}</dd>
        </div>
      ))}
    </dl>
  )
}
