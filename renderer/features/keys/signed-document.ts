/** What a signed document of trust says, for showing it: no signature is looked at here. */

/** The document in its envelope, or as it stands; null where it cannot be read. */
export function documentIn(text: string): unknown {
  const json = parsed(text)
  const payload = typeof json === "object" && json !== null && "payload" in json ? json.payload : undefined
  return typeof payload === "string" ? parsed(fromBase64(payload)) : json
}

export function pretty(text: string): string {
  const json = parsed(text)
  return json === null ? text : JSON.stringify(json, null, 2)
}

function parsed(text: string | null): unknown {
  if (text === null) return null
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function fromBase64(text: string): string | null {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(text), character => character.charCodeAt(0)))
  } catch {
    return null
  }
}
