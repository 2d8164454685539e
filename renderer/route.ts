/** Places of the window and their links: every place is an address, and going back goes back. */
import { create } from "zustand"
import type { VerdictState } from "../shared/trust.ts"

/** In the order in which they are offered. Listed here so that the window needs no schema library. */
export const verdictStates: readonly VerdictState[] = ["trusted", "pending", "untrusted"]

export const moduleTabs = ["verdict", "interface", "source", "examples", "versions", "used", "attestations", "wat", "bytes"] as const
export type ModuleTab = (typeof moduleTabs)[number]

/** Narrowings beside the Verdict. */
export const facets = ["pure", "used", "unused"] as const
export type Facet = (typeof facets)[number]

const bundlesParts = ["export", "import", "history"] as const
export type BundlesPart = (typeof bundlesParts)[number]

const keysParts = ["keys", "roots", "policy", "revocations"] as const
export type KeysPart = (typeof keysParts)[number]

const settingsParts = ["store", "limits", "model", "appearance", "diagnostics", "about"] as const
export type SettingsPart = (typeof settingsParts)[number]

export type Route =
  | {
      readonly screen: "explore"
      readonly words: string
      readonly type: string
      readonly verdict: VerdictState | null
      /** Each `ARGS => RESULT`. */
      readonly examples: readonly string[]
      readonly facet: Facet | null
      /** Pending Mappings are run on the Examples too. */
      readonly review: boolean
    }
  | {
      readonly screen: "module"
      readonly digest: string | null
      readonly mapping: string | null
      readonly tab: ModuleTab
      readonly attestation: string | null
    }
  | { readonly screen: "run"; readonly digest: string | null; readonly mapping: string | null; readonly args: string | null }
  | { readonly screen: "author"; readonly from: string | null }
  | { readonly screen: "review"; readonly mapping: string | null }
  | { readonly screen: "bundles"; readonly part: BundlesPart; readonly digest: string | null }
  | { readonly screen: "ledger"; readonly sequence: number | null }
  | { readonly screen: "dashboard" }
  | { readonly screen: "keys"; readonly part: KeysPart }
  | { readonly screen: "settings"; readonly part: SettingsPart }

export type Screen = Route["screen"]

export const screens: readonly Screen[] = [
  "explore",
  "module",
  "run",
  "author",
  "review",
  "bundles",
  "ledger",
  "dashboard",
  "keys",
  "settings"
]

/** Examples a Find takes. */
export const examplesMax = 64

/** Where a screen begins. */
export const firstRoutes: { readonly [S in Screen]: Extract<Route, { screen: S }> } = {
  explore: { screen: "explore", words: "", type: "", verdict: null, examples: [], facet: null, review: false },
  module: { screen: "module", digest: null, mapping: null, tab: "verdict", attestation: null },
  run: { screen: "run", digest: null, mapping: null, args: null },
  author: { screen: "author", from: null },
  review: { screen: "review", mapping: null },
  bundles: { screen: "bundles", part: "export", digest: null },
  ledger: { screen: "ledger", sequence: null },
  dashboard: { screen: "dashboard" },
  keys: { screen: "keys", part: "keys" },
  settings: { screen: "settings", part: "store" }
}

export const exploreRoute: Route = firstRoutes.explore

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
  switch (screen) {
    case "author":
      return { screen, from: digestIn(asked.get("from")) }
    case "review":
      return { screen, mapping: digestIn(digest) }
    case "bundles":
      return { screen, part: oneOf(bundlesParts, digest ?? null) ?? "export", digest: digestIn(asked.get("digest")) }
    case "ledger":
      return { screen, sequence: digest !== undefined && /^\d{1,12}$/.test(digest) ? Number(digest) : null }
    case "dashboard":
      return { screen }
    case "keys":
      return { screen, part: oneOf(keysParts, digest ?? null) ?? "keys" }
    case "settings":
      return { screen, part: oneOf(settingsParts, digest ?? null) ?? "store" }
  }
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
    verdict: oneOf(verdictStates, asked.get("verdict")),
    examples: (asked.get("examples") ?? "")
      .split("\n")
      .filter(line => line !== "")
      .slice(0, examplesMax),
    facet: oneOf(facets, asked.get("facet")),
    review: asked.get("review") === "yes"
  }
}

export function linkOf(route: Route): string {
  const { path, asked } = partsOf(route)
  const query = new URLSearchParams(Object.entries(asked).filter((pair): pair is [string, string] => pair[1] !== null && pair[1] !== ""))
    .toString()
    .replaceAll("%3A", ":")
  return `#/${route.screen}${path === null ? "" : `/${path}`}${query === "" ? "" : `?${query}`}`
}

/** What stands behind the screen's name, and what behind the question mark. */
function partsOf(route: Route): { readonly path: string | number | null; readonly asked: Readonly<Record<string, string | null>> } {
  switch (route.screen) {
    case "explore":
      return {
        path: null,
        asked: {
          words: route.words,
          type: route.type,
          verdict: route.verdict,
          examples: route.examples.join("\n"),
          facet: route.facet,
          review: route.review ? "yes" : null
        }
      }
    case "module":
      return {
        path: route.digest,
        asked: { mapping: route.mapping, tab: route.tab === "verdict" ? null : route.tab, attestation: route.attestation }
      }
    case "run":
      return { path: route.digest, asked: { mapping: route.mapping, args: route.args } }
    case "author":
      return { path: null, asked: { from: route.from } }
    case "review":
      return { path: route.mapping, asked: {} }
    case "bundles":
      return { path: route.part, asked: { digest: route.digest } }
    case "ledger":
      return { path: route.sequence, asked: {} }
    case "dashboard":
      return { path: null, asked: {} }
    case "keys":
    case "settings":
      return { path: route.part, asked: {} }
  }
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
