/** Identifiers for the text of a module: from its name section, else from what it imports and exports; an index where there is neither. */
import { WasmFault, WasmReader } from "./wasm-reader.ts"

/** Identifier (with its `$`) by index. */
export type Identifiers = ReadonlyMap<number, string>

/** Index spaces by their number in the name section. */
export const space = { function: 1, type: 4, table: 5, memory: 6, global: 7, element: 8, data: 9, tag: 11 } as const
export type Space = (typeof space)[keyof typeof space]

/** What the name section says. A space it does not name is missing. */
export interface NameSection {
  readonly spaces: ReadonlyMap<number, ReadonlyMap<number, string>>
  /** Names of locals by function. */
  readonly locals: ReadonlyMap<number, ReadonlyMap<number, string>>
}

export const noNames: NameSection = { spaces: new Map(), locals: new Map() }

/** Null where the section is malformed: engines ignore it then, and so does the text. */
export function readNameSection(bytes: Uint8Array): NameSection | null {
  const spaces = new Map<number, Map<number, string>>()
  const locals = new Map<number, Map<number, string>>()
  const reader = new WasmReader(bytes)
  try {
    while (reader.at < bytes.length) {
      const id = reader.u8()
      const size = reader.bounded()
      const part = new WasmReader(bytes, reader.at, reader.at + size)
      reader.skip(size)
      if (id === 2) for (let left = part.bounded(); left > 0; left--) locals.set(part.u32(), readNameMap(part))
      else if (Object.values<number>(space).includes(id)) spaces.set(id, readNameMap(part))
    }
  } catch (fault) {
    if (fault instanceof WasmFault) return null
    throw fault
  }
  return { spaces, locals }
}

function readNameMap(reader: WasmReader): Map<number, string> {
  const names = new Map<number, string>()
  for (let left = reader.bounded(); left > 0; left--) {
    const index = reader.u32()
    names.set(index, reader.name())
  }
  return names
}

const identifierLengthMax = 128

/** Makes names fit to be identifiers, each different; of two sources for one index the first wins. */
export function identifiersOf(...sources: readonly ReadonlyMap<number, string>[]): Identifiers {
  const identifiers = new Map<number, string>()
  const taken = new Set<string>()
  for (const source of sources)
    for (const [index, name] of source) {
      if (identifiers.has(index) || name === "") continue
      const plain = `$${name.slice(0, identifierLengthMax).replace(/[^\w!#$%&'*+\-./:<=>?@\\^`|~]/g, "_")}`
      const identifier = taken.has(plain) ? `${plain}#${index}` : plain
      if (taken.has(identifier)) continue
      taken.add(identifier)
      identifiers.set(index, identifier)
    }
  return identifiers
}
