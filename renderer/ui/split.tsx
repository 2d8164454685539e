/** Two panes with a line between them that can be dragged or moved by arrow keys; the layout is remembered. */
import type { ReactNode } from "react"
import { Group, Panel, Separator, useDefaultLayout } from "react-resizable-panels"

export function Split({
  id,
  label,
  first,
  second,
  firstSize = "58"
}: {
  readonly id: string
  readonly label: string
  readonly first: ReactNode
  readonly second: ReactNode
  readonly firstSize?: string
}) {
  const layout = useDefaultLayout({ id, panelIds: ["first", "second"] })
  return (
    <Group
      orientation="horizontal"
      className="min-h-0 flex-1"
      defaultLayout={layout.defaultLayout}
      onLayoutChanged={layout.onLayoutChanged}
    >
      <Panel id="first" minSize="25" defaultSize={firstSize} className="flex min-w-0 flex-col">
        {first}
      </Panel>
      <Separator
        aria-label={label}
        className="w-px bg-line transition-colors hover:bg-accent data-[separator=active]:bg-accent focus-visible:bg-accent"
      />
      <Panel id="second" minSize="22" className="flex min-w-0 flex-col">
        {second}
      </Panel>
    </Group>
  )
}
