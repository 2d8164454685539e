/** The few words main, preload and window exchange on the desktop: everything else goes over the engine's own port. */

/** Channels between preload and main. */
export const channels = {
  /** preload → main: this document wants a port to the engine. */
  connect: "l4:connect",
  /** main → preload: here is the port. */
  port: "l4:port",
  /** main → preload: what became of the engine process. */
  engineState: "l4:engine-state",
  /** main → preload: a place of the window to open, from a deep link or a menu. */
  place: "l4:place",
  /** preload → main: an https address, opened in the system browser after the person confirms. */
  openAddress: "l4:open-address"
} as const

/** Tag of the window message that carries the engine's port from preload to page. */
export const portTag = "l4-engine-port"

export const windowOrigin = "app://workbench"

export type EngineState = "starting" | "ready" | "restarting" | "stopped"

/** What the preload shows the page: a few narrow functions, no generic invoke. */
export interface WorkbenchBridge {
  readonly version: 1
  /** Asks for a fresh port; it arrives as a window message `{ tag: portTag }`. */
  connect(): void
  onEngineState(listener: (state: EngineState) => void): void
  /** `place` is the part of a link behind `#`. */
  onPlace(listener: (place: string) => void): void
  openAddress(address: string): void
}

const placePattern = /^\/(explore|module|run)(\/[0-9a-z:.-]{0,80})?(\?[0-9A-Za-z%&=:._+-]{0,2000})?$/

/** The place an `l4://` link names, or null: a link may open a place, never start an action. */
export function placeOfLink(link: string): string | null {
  if (!link.startsWith("l4://") || link.length > 2_100) return null
  const place = `/${link.slice("l4://".length).replace(/^\/+/, "")}`
  return placePattern.test(place) ? place : null
}
