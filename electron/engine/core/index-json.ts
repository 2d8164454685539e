/** Reads `index.json` of an image layout piece by piece: one descriptor at a time is held, however many there are. */
import { parseStrictJson } from "./canonical.ts"
import { concatBytes } from "./digest.ts"
import type { Descriptor } from "./oci.ts"
import { bundleLimits, mediaTypes, readDescriptor } from "./oci.ts"

const code = { quote: 34, comma: 44, colon: 58, open: 91, backslash: 92, close: 93, begin: 123, end: 125 } as const
/** Bytes of one descriptor or one other member. */
const itemBytesMax = 65_536

type Expecting = "object" | "name" | "colon" | "value" | "item" | "after-item" | "after-value" | "nothing"

/**
 * The descriptors of `manifests`, in order. Throws a SyntaxError that says what was expected: the JSON must be one object whose
 * members are each given once, `manifests` a list, `schemaVersion` 2.
 */
export function* readIndex(pieces: Iterable<Uint8Array>): Iterable<Descriptor> {
  const items = new ItemReader()
  for (const piece of pieces) yield* items.take(piece)
  items.finish()
}

class ItemReader {
  #expecting: Expecting = "object"
  #depth = 0
  #inString = false
  #escaped = false
  #held: Uint8Array[] = []
  #heldBytes = 0
  #collecting = false
  #name = ""
  #first = true
  #at = 0
  readonly #seen = new Set<string>()

  take(piece: Uint8Array): Descriptor[] {
    const found: Descriptor[] = []
    let start = 0
    for (let at = 0; at < piece.length; at++, this.#at++) {
      const byte = piece[at] as number
      if (this.#collecting) {
        const done = this.#inside(byte)
        if (done === "no") continue
        const end = done === "with" ? at + 1 : at
        this.#hold(piece.subarray(start, end))
        this.#collecting = false
        const descriptor = this.#complete()
        if (descriptor !== null) found.push(descriptor)
        if (done === "with") continue
      }
      if (byte === 32 || byte === 10 || byte === 13 || byte === 9) continue
      if (this.#structure(byte)) {
        start = at
        this.#collecting = true
        this.#depth = byte === code.begin || byte === code.open ? 1 : 0
        this.#inString = byte === code.quote
        this.#escaped = false
      }
    }
    if (this.#collecting) this.#hold(piece.subarray(start))
    return found
  }

  finish(): void {
    if (this.#expecting !== "nothing") throw new SyntaxError(`index.json ends at byte ${this.#at}, before its object does`)
    if (!this.#seen.has("manifests")) throw new SyntaxError("index.json has no manifests")
    if (!this.#seen.has("schemaVersion")) throw new SyntaxError("index.json has no schemaVersion")
  }

  #hold(bytes: Uint8Array): void {
    this.#heldBytes += bytes.length
    if (this.#heldBytes > itemBytesMax)
      throw new SyntaxError(`expected at most ${itemBytesMax} bytes in one member of index.json, found more`)
    this.#held.push(bytes.slice())
  }

  /** Whether the value being collected ends: with this byte, or before it. */
  #inside(byte: number): "no" | "with" | "before" {
    if (this.#inString) {
      if (this.#escaped) this.#escaped = false
      else if (byte === code.backslash) this.#escaped = true
      else if (byte === code.quote) {
        this.#inString = false
        if (this.#depth === 0) return "with"
      }
      return "no"
    }
    if (byte === code.quote) this.#inString = true
    else if (byte === code.begin || byte === code.open) {
      if (++this.#depth > bundleLimits.depthMax) throw new SyntaxError(`expected a depth of at most ${bundleLimits.depthMax} in index.json`)
    } else if (byte === code.end || byte === code.close) {
      if (this.#depth === 0) return "before"
      if (--this.#depth === 0) return "with"
    } else if (this.#depth === 0 && (byte === code.comma || byte === 32 || byte === 10 || byte === 13 || byte === 9)) return "before"
    return "no"
  }

  #complete(): Descriptor | null {
    const bytes = concatBytes(...this.#held)
    this.#held = []
    this.#heldBytes = 0
    const json = parseStrictJson(bytes, { bytesMax: itemBytesMax, depthMax: bundleLimits.depthMax })
    if (this.#expecting === "name") {
      if (typeof json !== "string") throw new SyntaxError(`expected a member name in index.json before byte ${this.#at}`)
      if (this.#seen.has(json)) throw new SyntaxError(`index.json gives the member ${JSON.stringify(json)} twice`)
      this.#seen.add(json)
      this.#name = json
      this.#expecting = "colon"
      return null
    }
    if (this.#expecting === "item") {
      this.#expecting = "after-item"
      const descriptor = readDescriptor(json)
      if (typeof descriptor === "string") throw new SyntaxError(`index.json: ${descriptor}`)
      return descriptor
    }
    if (this.#name === "schemaVersion" && json !== 2)
      throw new SyntaxError(`expected schemaVersion 2 in index.json, found ${JSON.stringify(json)}`)
    if (this.#name === "mediaType" && json !== mediaTypes.index)
      throw new SyntaxError(`expected the media type of an image index in index.json`)
    this.#expecting = "after-value"
    return null
  }

  /** Takes a byte between values; true where a value begins with it. */
  #structure(byte: number): boolean {
    const wrong = () => new SyntaxError(`unexpected ${JSON.stringify(String.fromCharCode(byte))} at byte ${this.#at} of index.json`)
    switch (this.#expecting) {
      case "object":
        if (byte !== code.begin) throw wrong()
        this.#expecting = "name"
        this.#first = true
        return false
      case "name":
        if (byte === code.end && this.#first) {
          this.#expecting = "nothing"
          return false
        }
        if (byte !== code.quote) throw wrong()
        this.#first = false
        return true
      case "colon":
        if (byte !== code.colon) throw wrong()
        this.#expecting = "value"
        return false
      case "value":
        if (this.#name !== "manifests") {
          if (byte === code.comma || byte === code.colon || byte === code.end || byte === code.close) throw wrong()
          return true
        }
        if (byte !== code.open) throw wrong()
        this.#expecting = "item"
        this.#first = true
        return false
      case "item":
        if (byte === code.close && this.#first) {
          this.#expecting = "after-value"
          return false
        }
        if (byte !== code.begin) throw wrong()
        this.#first = false
        return true
      case "after-item":
        if (byte === code.comma) this.#expecting = "item"
        else if (byte === code.close) this.#expecting = "after-value"
        else throw wrong()
        return false
      case "after-value":
        if (byte === code.comma) {
          this.#expecting = "name"
          this.#first = false
        } else if (byte === code.end) this.#expecting = "nothing"
        else throw wrong()
        return false
      default:
        throw wrong()
    }
  }
}
