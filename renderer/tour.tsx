/** A short tour of the six things one does here: beside the work, never in its way, skipped with one key. */
import { exploreRoute, firstRoutes, linkOf, type Route } from "./route.ts"
import { useStoreStatus } from "./store-status.ts"
import { strings } from "./strings.ts"
import { endTour, goToStep, useTour } from "./tour-state.ts"
import { Button, IconButton } from "./ui/button.tsx"

const words = strings.settingsScreen.tour
const places: readonly Route[] = [
  exploreRoute,
  firstRoutes.run,
  { screen: "settings", part: "store" },
  firstRoutes.author,
  firstRoutes.review,
  firstRoutes.bundles
]

export function Tour() {
  const { step } = useTour()
  const open = useStoreStatus(({ status }) => status !== null && status.modules > 0)
  if (step === null || !open) return null
  const [title, text] = words.steps[step] as readonly [string, string]
  const last = step === words.steps.length - 1
  return (
    <section
      aria-label={words.title}
      className="fixed bottom-10 left-3 z-20 flex w-72 max-w-[calc(100vw-1.5rem)] flex-col gap-2 rounded-lg border border-accent-line bg-raised p-3 shadow-raised"
    >
      <header className="flex items-start justify-between gap-2">
        <div>
          <p className="text-xs text-muted">
            {words.title}, {words.step(step + 1, words.steps.length)}
          </p>
          <h2 className="font-medium">{title}</h2>
        </div>
        <IconButton icon="cross" label={words.skip} onClick={endTour} className="size-6!" />
      </header>
      <p>{text}</p>
      <footer className="flex items-center gap-2">
        <a className="text-accent hover:underline" href={linkOf(places[step] as Route)}>
          {words.go}
        </a>
        <span className="grow" />
        {step > 0 && (
          <Button kind="plain" onClick={() => goToStep(step - 1)}>
            {words.back}
          </Button>
        )}
        <Button kind="main" onClick={() => (last ? endTour() : goToStep(step + 1))}>
          {last ? words.done : words.next}
        </Button>
      </footer>
    </section>
  )
}
