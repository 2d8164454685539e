/** Places of the window and their links: every place is an address, and going back goes back. */
import { create } from "zustand"
import type { VerdictState } from "../shared/trust.ts"

/** In the order in which they are offered. Listed here so that the window needs no schema library. */
export const verdictStates: readonly VerdictState[] = ["trusted", "pending", "untrusted"]

export const moduleTabs = ["verdict", "interface", "source", "examples", "attestations", "wat"] as const
export type ModuleTab = (typeof moduleTabs)[number]

export type Route =
  | { readonly screen: "explore"; readonly words: string; readonly type: string; readonly verdict: VerdictState | null }
  | {
      readonly screen: "module"
      readonly digest: string | null
      readonly mapping: string | null
      readonly tab: ModuleTab
      readonly attestation: string | null
    }
  | { readonly screen: "run"; readonly digest: string | null; readonly mapping: string | null; readonly args: string | null }

export type Screen = Route["screen"]

export const exploreRoute: Route = { screen: "explore", words: "", type: "", verdict: null }

export function moduleRoute(
  digest: string | null,
  mapping: string | null = null,
  tab: ModuleTab = "verdict",
  attestation: string | null = null
): Route {
  return { screen: "module", digest, mapping, tab, attestation }
}

export function runRoute(digest: string | null, mapping: string | null = null, args: string | null = null): Route {
  return { screen: "run", digest, mapping, args }
}

/** The part of an address behind `#` as a place; anything unknown is Explore. */
export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#/, "").split("?", 2)
  const [, screen, digest] = path.split("/")
  const asked = new URLSearchParams(query)
  if (screen === "module")
    return moduleRoute(
      digestIn(digest),
      digestIn(asked.get("mapping")),
      oneOf(moduleTabs, asked.get("tab")) ?? "verdict",
      digestIn(asked.get("attestation"))
    )
  if (screen === "run") return runRoute(digestIn(digest), digestIn(asked.get("mapping")), asked.get("args"))
  return {
    screen: "explore",
    words: asked.get("words") ?? "",
    type: asked.get("type") ?? "",
    verdict: oneOf(verdictStates, asked.get("verdict"))
  }
}

export function linkOf(route: Route): string {
  const asked = new URLSearchParams()
  if (route.screen === "explore") {
    if (route.words !== "") asked.set("words", route.words)
    if (route.type !== "") asked.set("type", route.type)
    if (route.verdict !== null) asked.set("verdict", route.verdict)
  } else {
    if (route.mapping !== null) asked.set("mapping", route.mapping)
    if (route.screen === "module" && route.tab !== "verdict") asked.set("tab", route.tab)
    if (route.screen === "module" && route.attestation !== null) asked.set("attestation", route.attestation)
    if (route.screen === "run" && route.args !== null) asked.set("args", route.args)
  }
  const digest = route.screen !== "explore" && route.digest !== null ? `/${route.digest}` : ""
  const query = asked.toString().replaceAll("%3A", ":")
  return `#/${route.screen}${digest}${query === "" ? "" : `?${query}`}`
}

function digestIn(text: string | null | undefined): string | null {
  return text !== null && text !== undefined && /^(sha256:)?[0-9a-f]{4,64}$/.test(text) ? text : null
}

function oneOf<T extends string>(values: readonly T[], text: string | null): T | null {
  return values.find(value => value === text) ?? null
}

export const useRoute = create<{ readonly route: Route }>(() => ({ route: parseRoute(location.hash) }))

/** Goes to a place. `replace` keeps the history short while a person types. */
export function navigate(route: Route, { replace = false }: { readonly replace?: boolean } = {}): void {
  const link = linkOf(route)
  if (link === location.hash) return
  if (replace) history.replaceState(null, "", link)
  else history.pushState(null, "", link)
  useRoute.setState({ route })
}

/** Follows the address bar, links, back and forward. */
export function followAddress(): void {
  const follow = () => useRoute.setState({ route: parseRoute(location.hash) })
  addEventListener("hashchange", follow)
  addEventListener("popstate", follow)
  follow()
}
