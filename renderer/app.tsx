/** The shell: places on the left, search on top, the screen, the status line; keys and focus for all of them. */
import { lazy, Suspense, useEffect, useState } from "react"
import { tinykeys } from "tinykeys"
import { EngineFailure } from "../shared/failure.ts"
import { AboutDialog } from "./about.tsx"
import { useConnection } from "./engine.ts"
import { ExploreScreen } from "./features/explore/explore.tsx"
import { ModuleScreen } from "./features/module/module.tsx"
import { RunScreen } from "./features/run/run.tsx"
import { Navigation } from "./navigation.tsx"
import { Palette } from "./palette.tsx"
import { FailureNote } from "./parts/failure-note.tsx"
import type { Route } from "./route.ts"
import { linkOf, useRoute } from "./route.ts"
import { focusSearch, SearchBox } from "./search-box.tsx"
import { StatusLine } from "./status-line.tsx"
import { readStoreStatus } from "./store-status.ts"
import { strings } from "./strings.ts"
import { setTheme, useTheme } from "./theme.ts"
import { Tour } from "./tour.tsx"
import { Tray } from "./tray.tsx"
import { Boundary } from "./ui/boundary.tsx"
import { IconButton } from "./ui/button.tsx"
import { Empty, Waiting } from "./ui/empty.tsx"
import { announce, LiveRegion } from "./ui/live.tsx"
import { Menu, MenuChoice, MenuItem, MenuSeparator } from "./ui/menu.tsx"
import { popupLayerId } from "./ui/popup-layer.ts"

export function App() {
  const { route } = useRoute()
  const [open, setOpen] = useState<"palette" | "about" | null>(null)
  const connection = useConnection(state => state.state)
  useKeys(() => setOpen("palette"))
  useScreenFocus(route)
  return (
    <div className="grid h-full grid-cols-[auto_1fr] grid-rows-[auto_1fr_auto]">
      <button
        type="button"
        className="absolute z-50 -translate-y-20 rounded-md bg-accent px-3 py-1.5 text-on-accent focus:translate-y-1"
        onClick={() => document.getElementById("main")?.focus()}
      >
        {strings.skipToContent}
      </button>
      <header className="col-span-2 grid h-11 grid-cols-[1fr_minmax(0,34rem)_1fr] items-center gap-3 border-b border-line bg-surface px-3">
        <span className="flex items-center gap-2 font-semibold whitespace-nowrap">
          <Mark />
          <span className="max-md:sr-only">{strings.product}</span>
        </span>
        <SearchBox />
        <span className="flex items-center justify-end gap-1">
          <IconButton icon="command" label={`${strings.palette.open} (Ctrl+K)`} onClick={() => setOpen("palette")} className="size-8!" />
          <SettingsMenu onAbout={() => setOpen("about")} />
        </span>
        <div id={popupLayerId} className="absolute" />
      </header>
      <Navigation />
      <main id="main" tabIndex={-1} className="flex min-h-0 min-w-0 flex-col">
        {connection === "no-token" ? (
          <Empty icon="key" heading title={strings.noToken.title} text={strings.noToken.text} />
        ) : (
          <Boundary resetKey={linkOf(route)} fallback={(error, again) => <FailureNote failure={defectOf(error)} again={again} />}>
            <Suspense fallback={<Opening screen={route.screen} />}>
              <Screen route={route} />
            </Suspense>
          </Boundary>
        )}
      </main>
      <StatusLine />
      <Tour />
      <Tray />
      <Palette open={open === "palette"} onClose={() => setOpen(null)} onAbout={() => setOpen("about")} />
      <AboutDialog open={open === "about"} onClose={() => setOpen(null)} />
      <LiveRegion />
    </div>
  )
}

/** Screens that are not the first one a person sees are loaded when they are. */
const AuthorScreen = lazy(async () => ({ default: (await import("./features/author/author.tsx")).AuthorScreen }))
const BundlesScreen = lazy(async () => ({ default: (await import("./features/bundles/bundles.tsx")).BundlesScreen }))
const DashboardScreen = lazy(async () => ({ default: (await import("./features/dashboard/dashboard.tsx")).DashboardScreen }))
const KeysScreen = lazy(async () => ({ default: (await import("./features/keys/keys.tsx")).KeysScreen }))
const LedgerScreen = lazy(async () => ({ default: (await import("./features/ledger/ledger.tsx")).LedgerScreen }))
const ReviewScreen = lazy(async () => ({ default: (await import("./features/review/review.tsx")).ReviewScreen }))
const SettingsScreen = lazy(async () => ({ default: (await import("./features/settings/settings.tsx")).SettingsScreen }))

function Screen({ route }: { readonly route: Route }) {
  switch (route.screen) {
    case "explore":
      return <ExploreScreen route={route} />
    case "module":
      return <ModuleScreen route={route} />
    case "run":
      return <RunScreen route={route} />
    case "review":
      return <ReviewScreen route={route} />
    case "author":
      return <AuthorScreen route={route} />
    case "bundles":
      return <BundlesScreen route={route} />
    case "keys":
      return <KeysScreen route={route} />
    case "ledger":
      return <LedgerScreen route={route} />
    case "dashboard":
      return <DashboardScreen />
    case "settings":
      return <SettingsScreen route={route} />
  }
}

/** A place has its name while its screen is still being loaded. */
function Opening({ screen }: { readonly screen: Route["screen"] }) {
  return (
    <>
      <h1 className="sr-only">{strings.screens[screen]}</h1>
      <Waiting text={strings.loadingScreen} />
    </>
  )
}

/** A defect of the window itself, told like any failure. */
function defectOf(error: unknown): EngineFailure {
  return new EngineFailure("internal", `${strings.failure.defect} ${error instanceof Error ? error.message : String(error)}`)
}

function SettingsMenu({ onAbout }: { readonly onAbout: () => void }) {
  const { theme } = useTheme()
  return (
    <Menu label={strings.settings.open} icon="settings">
      <MenuChoice label={strings.settings.appearance} value={theme} options={strings.settings.themes} onChange={setTheme} />
      <MenuSeparator />
      <MenuItem onSelect={onAbout}>{strings.settings.about}</MenuItem>
    </Menu>
  )
}

function Mark() {
  return (
    <svg aria-hidden="true" viewBox="0 0 20 20" className="size-5 text-accent">
      <rect x="2" y="11" width="16" height="2.25" rx="1" fill="currentColor" opacity="0.35" />
      <rect x="2" y="14.75" width="16" height="2.25" rx="1" fill="currentColor" opacity="0.2" />
      <rect x="2" y="7.25" width="16" height="2.25" rx="1" fill="currentColor" opacity="0.6" />
      <rect x="2" y="3.5" width="16" height="2.25" rx="1" fill="currentColor" />
    </svg>
  )
}

function useKeys(openPalette: () => void): void {
  useEffect(() => {
    const inField = (event: KeyboardEvent) =>
      event.target instanceof HTMLElement && event.target.closest("input, textarea, select, [contenteditable=true]") !== null
    return tinykeys(
      window,
      {
        "$mod+k": event => {
          event.preventDefault()
          openPalette()
        },
        "/": event => {
          if (inField(event)) return
          event.preventDefault()
          focusSearch()
        }
      },
      { ignore: () => false }
    )
  }, [openPalette])
}

/** A new screen is named to people who listen and takes the focus, unless the person is typing in the search above it. */
function useScreenFocus(route: Route): void {
  const place = route.screen === "module" || route.screen === "run" ? `${route.screen}/${route.digest ?? ""}` : route.screen
  // What the line at the bottom says may have changed meanwhile, by whatever door.
  useEffect(() => {
    if (useConnection.getState().state === "ready") void readStoreStatus()
  }, [place])
  useEffect(() => {
    document.title = `${strings.screens[route.screen]} · ${strings.product}`
    const active = document.activeElement
    if (active instanceof HTMLInputElement && active.type === "search") return
    announce(strings.screens[route.screen])
    document.getElementById("main")?.focus()
  }, [place, route.screen])
}
