/** Bundles: Modules with their evidence, to and from other machines. */
import { useEffect } from "react"
import { useConnection } from "../../engine.ts"
import type { Route } from "../../route.ts"
import { bundlesParts, navigate } from "../../route.ts"
import { strings } from "../../strings.ts"
import { Tabs } from "../../ui/tabs.tsx"
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
    <section aria-labelledby="screen-title" className="flex min-h-0 flex-1 flex-col">
      <h1 id="screen-title" tabIndex={-1} className="px-4 pt-3 pb-1 text-lg font-semibold">
        {words.title}
      </h1>
      <Tabs
        label={words.partsLabel}
        value={route.part}
        onChange={part => navigate({ screen: "bundles", part, digest: null }, { replace: true })}
        tabs={bundlesParts.map(value => ({ value, label: words.parts[value] }))}
      >
        <div className="min-h-0 flex-1 overflow-y-auto">
          {route.part === "export" && <ExportPart key={route.digest} chosen={route.digest} />}
          {route.part === "import" && <ImportPart />}
          {route.part === "history" && <HistoryPart />}
        </div>
      </Tabs>
    </section>
  )
}
