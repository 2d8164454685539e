/** Light, dark or like the system: chosen once, remembered on this machine. */
import { create } from "zustand"

export type Theme = "system" | "light" | "dark"

const key = "l4-theme"
const systemDark = matchMedia("(prefers-color-scheme: dark)")

export const useTheme = create<{ readonly theme: Theme }>(() => ({ theme: remembered() }))

function remembered(): Theme {
  const kept = localStorage.getItem(key)
  return kept === "light" || kept === "dark" ? kept : "system"
}

export function setTheme(theme: Theme): void {
  localStorage.setItem(key, theme)
  useTheme.setState({ theme })
}

/** Keeps the page's theme in step with the choice and the system. */
export function followTheme(): void {
  const apply = () => {
    const { theme } = useTheme.getState()
    const dark = theme === "dark" || (theme === "system" && systemDark.matches)
    document.documentElement.dataset.theme = dark ? "dark" : "light"
  }
  systemDark.addEventListener("change", apply)
  useTheme.subscribe(apply)
  apply()
}
