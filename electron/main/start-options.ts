/** What a start hands over: words of the command line for the engine, the place of a deep link, and a passphrase no child may inherit. */
import { placeOfLink } from "../../shared/bridge.ts"

/** Takes `L4_PASSPHRASE` out of the environment before any process is started. */
export function takePassphrase(environment: NodeJS.ProcessEnv): string | undefined {
  const passphrase = environment.L4_PASSPHRASE
  delete environment.L4_PASSPHRASE
  return passphrase === undefined || passphrase === "" ? undefined : passphrase
}

/** `--store DIR` and `--home DIR`, as two words or one with `=`. Anything else is Electron's or none of ours. */
export function placesOf(words: readonly string[]): { readonly store?: string; readonly home?: string } {
  const given = (name: string) => {
    const at = words.indexOf(`--${name}`)
    if (at >= 0) return words[at + 1]
    return words.find(word => word.startsWith(`--${name}=`))?.slice(name.length + 3)
  }
  const [store, home] = [given("store"), given("home")]
  return { ...(store === undefined ? {} : { store }), ...(home === undefined ? {} : { home }) }
}

/** The place of the first `l4://` link among some words, or null. */
export function linkedPlace(words: readonly string[]): string | null {
  const link = words.find(word => word.startsWith("l4://"))
  return link === undefined ? null : placeOfLink(link)
}
