/** The commands (Ctrl/Cmd+K): every place and every act by name, and Modules by what they do. */
import type { KeyboardEvent } from "react"
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react"
import type { ModuleRow } from "../shared/engine-contract.ts"
import { commandOf } from "./commands.ts"
import { engine } from "./engine.ts"
import type { Asked } from "./parts/asked.ts"
import { createAsker, idle } from "./parts/asked.ts"
import type { Recent } from "./parts/recent.ts"
import { useRecent } from "./parts/recent.ts"
import type { Route } from "./route.ts"
import { exploreRoute, firstRoutes, moduleRoute, moduleTabs, navigate, runRoute, screens, useRoute, verdictStates } from "./route.ts"
import { strings } from "./strings.ts"
import { setTheme } from "./theme.ts"
import { copyText } from "./ui/copy.tsx"
import { Dialog } from "./ui/dialog.tsx"
import type { IconName } from "./ui/icon.tsx"
import { Icon } from "./ui/icon.tsx"
import { visibleLine } from "./ui/visible-text.ts"

interface Command {
  readonly group: keyof typeof strings.palette.groups
  readonly icon: IconName
  readonly name: string
  /** A word at the right: a Verdict. */
  readonly note?: string
  readonly act: () => void
}

interface PaletteProps {
  readonly open: boolean
  readonly onClose: () => void
  readonly onAbout: () => void
}

export function Palette({ open, onClose, onAbout }: PaletteProps) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <Dialog open={open} onClose={onClose} title={strings.palette.title} initialFocus={input}>
      {open && <Commands input={input} onClose={onClose} onAbout={onAbout} />}
    </Dialog>
  )
}

function Commands({ input, onClose, onAbout }: Omit<PaletteProps, "open"> & { readonly input: React.RefObject<HTMLInputElement | null> }) {
  const [text, setText] = useState("")
  const [at, setAt] = useState(0)
  const { route } = useRoute()
  const { modules } = useRecent()
  const found = useFound(text)
  const commands = useMemo(
    () => [...matching(allCommands(route, modules, onAbout), text), ...found, ...searchCommand(text)],
    [route, modules, onAbout, text, found]
  )
  const chosen = commands[Math.min(at, commands.length - 1)]
  const list = useRef<HTMLDivElement>(null)
  // At once, so that no key typed right after Ctrl+K is lost.
  useLayoutEffect(() => input.current?.focus(), [input])
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" })
  }, [chosen])
  const act = (command: Command) => {
    onClose()
    command.act()
  }
  const onKey = (event: KeyboardEvent) => {
    const moves: Readonly<Record<string, number>> = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + 8, PageUp: at - 8 }
    const move = moves[event.key]
    if (move !== undefined) setAt(Math.max(0, Math.min(commands.length - 1, move)))
    else if (event.key === "Enter" && chosen !== undefined) act(chosen)
    else return
    event.preventDefault()
  }
  return (
    <>
      <input
        ref={input}
        role="combobox"
        aria-label={strings.palette.placeholder}
        aria-expanded="true"
        aria-controls="palette-list"
        aria-autocomplete="list"
        aria-activedescendant={chosen === undefined ? undefined : `command-${commands.indexOf(chosen)}`}
        value={text}
        placeholder={strings.palette.placeholder}
        spellCheck={false}
        autoComplete="off"
        onChange={event => {
          setText(event.target.value)
          setAt(0)
        }}
        onKeyDown={onKey}
        data-quiet-focus=""
        className="h-12 w-full shrink-0 border-b border-line bg-transparent px-4 text-base"
      />
      <div
        ref={list}
        id="palette-list"
        role="listbox"
        aria-label={strings.palette.title}
        tabIndex={-1}
        className="min-h-0 flex-1 overflow-y-auto p-1.5"
      >
        {commands.map((command, index) => (
          <div key={`${command.group} ${command.name} ${index}`} role="presentation">
            {commands[index - 1]?.group !== command.group && (
              <div role="presentation" className="px-2.5 pt-2 pb-1 text-xs text-muted">
                {strings.palette.groups[command.group]}
              </div>
            )}
            {/* biome-ignore lint/a11y/useKeyWithClickEvents: keys go to the field, which holds the focus */}
            <div
              id={`command-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={command === chosen}
              onClick={() => act(command)}
              onPointerMove={() => setAt(index)}
              className="flex h-8 items-center gap-2.5 rounded-md px-2.5 aria-selected:bg-accent-ground"
            >
              <Icon name={command.icon} className="text-muted" />
              <span className="min-w-0 truncate">{visibleLine(command.name)}</span>
              {command.note !== undefined && <span className="ml-auto text-xs text-muted">{command.note}</span>}
            </div>
          </div>
        ))}
        {commands.length === 0 && <p className="p-4 text-center text-muted">{strings.palette.none}</p>}
      </div>
    </>
  )
}

function allCommands(route: Route, modules: readonly Recent[], onAbout: () => void): Command[] {
  const words = strings.palette
  const last = modules[0]
  const copy = (text: string, what: string) => () => void copyText(text, what)
  return [
    { group: "place", icon: "explore", name: words.exploreAll, act: () => navigate(exploreRoute) },
    ...verdictStates.map(verdict => ({
      group: "place" as const,
      icon: verdict,
      name: words.filterBy(strings.verdicts[verdict].toLowerCase()),
      act: () => navigate({ ...firstRoutes.explore, verdict })
    })),
    {
      group: "place",
      icon: "module",
      name: strings.screens.module,
      act: () => navigate(moduleRoute(last?.digest ?? null, last?.mapping ?? null))
    },
    { group: "place", icon: "run", name: strings.screens.run, act: () => navigate(runRoute(last?.digest ?? null, last?.mapping ?? null)) },
    ...screens
      .filter(screen => screen !== "explore" && screen !== "module" && screen !== "run")
      .map(screen => ({ group: "place" as const, icon: screen, name: strings.screens[screen], act: () => navigate(firstRoutes[screen]) })),
    { group: "place", icon: "back", name: words.back, act: () => history.back() },
    { group: "place", icon: "right", name: words.forward, act: () => history.forward() },
    { group: "place", icon: "link", name: words.copyLink, act: copy(location.hash, strings.copy.link) },
    ...(route.screen === "explore" || last === undefined ? [] : moduleCommands(last, copy)),
    ...modules.map(module => ({
      group: "module" as const,
      icon: "module" as const,
      name: words.openRecent(module.task),
      act: () => navigate(moduleRoute(module.digest, module.mapping))
    })),
    ...(["light", "dark", "system"] as const).map(theme => ({
      group: "view" as const,
      icon: "settings" as const,
      name: `${strings.settings.appearance}: ${strings.settings.themes[theme]}`,
      act: () => setTheme(theme)
    })),
    { group: "help", icon: "command", name: strings.settings.about, act: onAbout }
  ]
}

function moduleCommands(module: Recent, copy: (text: string, what: string) => () => void): Command[] {
  const words = strings.palette
  const { digest, mapping } = module
  return [
    { group: "module", icon: "run", name: words.runModule, act: () => navigate(runRoute(digest, mapping)) },
    ...moduleTabs.map(tab => ({
      group: "module" as const,
      icon: "module" as const,
      name: words.openTab(strings.module.tabs[tab]),
      act: () => navigate(moduleRoute(digest, mapping, tab))
    })),
    { group: "module", icon: "copy", name: words.copyDigest, act: copy(digest, strings.copy.digest) },
    { group: "module", icon: "copy", name: words.copyMapping, act: copy(mapping, strings.copy.digest) },
    {
      group: "module",
      icon: "copy",
      name: `${strings.copy.copy(strings.copy.command)}: l4 show`,
      act: copy(commandOf.show(digest), strings.copy.command)
    },
    {
      group: "module",
      icon: "copy",
      name: `${strings.copy.copy(strings.copy.command)}: l4 verify`,
      act: copy(commandOf.verify(digest, mapping), strings.copy.command)
    }
  ]
}

function searchCommand(text: string): Command[] {
  const words = text.trim()
  if (words === "") return []
  return [
    {
      group: "found",
      icon: "explore",
      name: strings.palette.findWords(words),
      act: () => navigate({ ...firstRoutes.explore, words })
    }
  ]
}

/** Every word typed stands in the name. */
function matching(commands: readonly Command[], text: string): Command[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  return commands.filter(command => words.every(word => command.name.toLowerCase().includes(word)))
}

/** The best Modules for the words typed, once typing rests. */
function useFound(text: string): Command[] {
  const [rows, setRows] = useState<Asked<readonly ModuleRow[]>>(idle)
  const ask = useMemo(() => createAsker<readonly ModuleRow[]>(setRows), [])
  useEffect(() => {
    const words = text.trim()
    const timer = setTimeout(
      () => void ask(words.length < 2 ? null : async signal => (await engine.find({ words, limit: 6 }, { signal })).rows),
      150
    )
    return () => clearTimeout(timer)
  }, [text, ask])
  return useMemo(
    () =>
      rows.state !== "done"
        ? []
        : rows.answer.map(row => ({
            group: "found" as const,
            icon: row.verdict,
            name: row.task,
            note: strings.verdicts[row.verdict],
            act: () => navigate(moduleRoute(row.digest, row.mapping))
          })),
    [rows]
  )
}
