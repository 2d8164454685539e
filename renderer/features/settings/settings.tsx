/** Settings: the store and its health, limits and thresholds, the model, appearance, diagnostics. */
import { useEffect } from "react"
import { useConnection } from "../../engine.ts"
import { FailureNote } from "../../parts/failure-note.tsx"
import { TabbedScreen } from "../../parts/tabbed-screen.tsx"
import type { Route, SettingsPart } from "../../route.ts"
import { navigate } from "../../route.ts"
import { useStoreStatus } from "../../store-status.ts"
import { strings } from "../../strings.ts"
import { setTheme, type Theme, useTheme } from "../../theme.ts"
import { startTour } from "../../tour-state.ts"
import { Button } from "../../ui/button.tsx"
import { CopyIcon } from "../../ui/copy.tsx"
import { Waiting } from "../../ui/empty.tsx"
import { announce } from "../../ui/live.tsx"
import { visibleLine } from "../../ui/visible-text.ts"
import { DiagnosticsPart } from "./diagnostics.tsx"
import { Facts } from "./facts.tsx"
import { LimitsPart } from "./limits.tsx"
import { readSettings, useSettings } from "./state.ts"
import { StorePart } from "./store.tsx"

type SettingsRoute = Extract<Route, { screen: "settings" }>

const words = strings.settingsScreen

export function SettingsScreen({ route }: { readonly route: SettingsRoute }) {
  const generation = useConnection(state => state.generation)
  useEffect(() => {
    if (generation > 0) readSettings()
  }, [generation])
  return (
    <TabbedScreen
      title={words.title}
      label={words.partsLabel}
      parts={words.parts}
      part={route.part}
      onPart={part => navigate({ screen: "settings", part }, { replace: true })}
    >
      <div className="min-h-0 flex-1 overflow-y-auto p-4">
        <Part part={route.part} />
      </div>
    </TabbedScreen>
  )
}

function Part({ part }: { readonly part: SettingsPart }) {
  const { usage, settings } = useSettings()
  switch (part) {
    case "store":
      return usage.state === "failed" ? (
        <FailureNote failure={usage.failure} again={readSettings} />
      ) : usage.state === "done" ? (
        <StorePart usage={usage.answer} />
      ) : (
        <Waiting text={words.loading} />
      )
    case "limits":
      return settings.state === "failed" ? (
        <FailureNote failure={settings.failure} again={readSettings} />
      ) : settings.state === "done" ? (
        <LimitsPart answer={settings.answer} />
      ) : (
        <Waiting text={words.loading} />
      )
    case "model":
      return <ModelPart />
    case "appearance":
      return <AppearancePart />
    case "diagnostics":
      return <DiagnosticsPart />
    case "about":
      return <AboutPart />
  }
}

function ModelPart() {
  const status = useStoreStatus(state => state.status)
  if (status === null) return <Waiting text={words.loading} />
  const { model } = status
  return (
    <div className="flex max-w-3xl flex-col gap-3">
      <Facts
        rows={[
          [words.model.id, model.id],
          [
            words.model.digest,
            <code key="digest" className="break-all">
              {model.digest}
            </code>
          ],
          [words.model.state, model.available ? words.model.available : `${words.model.missing}. ${visibleLine(model.why ?? "")}`]
        ]}
      />
      <p className="text-muted">{words.model.change}</p>
      <p className="flex items-center gap-1">
        <code>{words.model.command}</code>
        <CopyIcon text={words.model.command} what={strings.copy.command} />
      </p>
    </div>
  )
}

const themes = Object.keys(strings.settings.themes) as Theme[]

function AppearancePart() {
  const { theme } = useTheme()
  return (
    <div className="flex max-w-3xl flex-col gap-4">
      <fieldset className="flex flex-col gap-1">
        <legend className="text-xs text-muted">{words.appearance.theme}</legend>
        {themes.map(value => (
          <label key={value} className="flex items-center gap-2">
            <input type="radio" name="theme" checked={theme === value} onChange={() => setTheme(value)} />
            {strings.settings.themes[value]}
          </label>
        ))}
      </fieldset>
      <p className="text-muted">
        {words.appearance.contrast} {words.appearance.layout}
      </p>
      <div className="flex gap-2">
        <Button
          onClick={() => {
            localStorage.clear()
            announce(words.appearance.forgotten)
          }}
        >
          {words.appearance.forget}
        </Button>
        <Button onClick={startTour}>{words.appearance.tour}</Button>
      </div>
    </div>
  )
}

function AboutPart() {
  const status = useStoreStatus(state => state.status)
  return (
    <div className="flex max-w-3xl flex-col gap-3">
      <p>{words.about.text}</p>
      <p className="text-muted">{words.about.licence}</p>
      <p className="text-muted">{words.about.notElectron}</p>
      {status?.warnings.map(warning => (
        <p key={warning} className="text-pending">
          {visibleLine(warning)}
        </p>
      ))}
      <h2 className="font-medium">{strings.settings.keys}</h2>
      <Facts rows={strings.settings.shortcuts} />
    </div>
  )
}
