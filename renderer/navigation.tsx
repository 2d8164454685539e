/** The places of the window; Module and Run lead back to what was open there last. */
import { useEffect, useState } from "react"
import type { Recent } from "./parts/recent.ts"
import { useRecent } from "./parts/recent.ts"
import type { Route, Screen } from "./route.ts"
import { firstRoutes, linkOf, moduleRoute, screens, useRoute } from "./route.ts"
import { useStoreStatus } from "./store-status.ts"
import { strings } from "./strings.ts"
import { Icon } from "./ui/icon.tsx"
import { visibleLine } from "./ui/visible-text.ts"

export function Navigation() {
  const { route } = useRoute()
  const { modules } = useRecent()
  const last = useLastRoutes(route)
  const pending = useStoreStatus(({ status }) => status?.pending ?? 0)
  return (
    <nav aria-label={strings.navigation} className="flex w-13 flex-col gap-0.5 border-r border-line bg-surface p-2 lg:w-48">
      {screens.map(screen => (
        <a
          key={screen}
          href={linkOf(last[screen])}
          aria-current={route.screen === screen ? "page" : undefined}
          className="flex h-8 items-center gap-2.5 rounded-md px-2.5 text-muted transition-colors hover:bg-sunken hover:text-text aria-[current]:bg-accent-ground aria-[current]:font-medium aria-[current]:text-text"
        >
          <Icon name={screen} />
          <span className="max-lg:sr-only">{strings.screens[screen]}</span>
          {screen === "review" && pending > 0 && (
            <span className="ml-auto rounded-full bg-pending-ground px-1.5 text-xs text-pending tabular-nums max-lg:hidden">
              {pending}
              <span className="sr-only"> {strings.waitingCount(pending)}</span>
            </span>
          )}
        </a>
      ))}
      {modules.length > 0 && <RecentModules modules={modules} current={route.screen === "module" ? route.digest : null} />}
    </nav>
  )
}

function RecentModules({ modules, current }: { readonly modules: readonly Recent[]; readonly current: string | null }) {
  return (
    <div className="mt-3 flex min-h-0 flex-col gap-px overflow-y-auto border-t border-line pt-3 max-lg:hidden">
      {modules.map(module => (
        <a
          key={module.digest}
          href={linkOf(moduleRoute(module.digest, module.mapping))}
          title={visibleLine(module.task)}
          aria-current={module.digest === current ? "true" : undefined}
          className="truncate rounded-md px-2.5 py-1 text-xs text-muted transition-colors hover:bg-sunken hover:text-text aria-[current]:text-text"
        >
          {visibleLine(module.task)}
        </a>
      ))}
    </div>
  )
}

/** The last place of each screen in this window. */
function useLastRoutes(route: Route): Record<Screen, Route> {
  const [last, setLast] = useState<Record<Screen, Route>>(firstRoutes)
  useEffect(() => setLast(before => ({ ...before, [route.screen]: route })), [route])
  return last
}
