/** Bundles: Modules with their evidence, to and from other machines. */
import { useEffect } from "react"
import { useConnection } from "../../engine.ts"
import { TabbedScreen } from "../../parts/tabbed-screen.tsx"
import type { Route } from "../../route.ts"
import { navigate } from "../../route.ts"
import { strings } from "../../strings.ts"
import { ExportPart } from "./export-part.tsx"
import { HistoryPart } from "./history-part.tsx"
import { ImportPart } from "./import-part.tsx"
import { readFolder } from "./state.ts"

type BundlesRoute = Extract<Route, { screen: "bundles" }>

const words = strings.bundles

export function BundlesScreen({ route }: { readonly route: BundlesRoute }) {
  const generation = useConnection(state => state.generation)
  useEffect(() => {
    if (generation > 0) readFolder()
  }, [generation])
  return (
    <TabbedScreen
      title={words.title}
      label={words.partsLabel}
      parts={words.parts}
      part={route.part}
      onPart={part => navigate({ screen: "bundles", part, digest: null }, { replace: true })}
    >
      <div className="min-h-0 flex-1 overflow-y-auto">
        {route.part === "export" && <ExportPart key={route.digest} chosen={route.digest} />}
        {route.part === "import" && <ImportPart />}
        {route.part === "history" && <HistoryPart />}
      </div>
    </TabbedScreen>
  )
}
