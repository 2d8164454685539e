/** The application menu: the system's own items, so that shortcuts of editing and windows work everywhere. */
import type { MenuItemConstructorOptions } from "electron"

export function menuTemplate({ mac, developer }: { readonly mac: boolean; readonly developer: boolean }): MenuItemConstructorOptions[] {
  const view: MenuItemConstructorOptions[] = [
    { role: "reload" },
    { type: "separator" },
    { role: "resetZoom" },
    { role: "zoomIn" },
    { role: "zoomOut" },
    { role: "togglefullscreen" }
  ]
  return [
    ...(mac ? [{ role: "appMenu" as const }] : []),
    { label: "File", submenu: [mac ? { role: "close" } : { role: "quit" }] },
    { role: "editMenu" },
    { label: "View", submenu: developer ? [...view, { type: "separator" }, { role: "toggleDevTools" }] : view },
    { role: "windowMenu" }
  ]
}
