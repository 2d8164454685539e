/** RTFS values as the host holds them, outside the sandbox (language page, section 3). Plain data; functions never cross. */

/** An integer is a bigint (signed 64-bit), a float is a number, nil is null, a vector is an array. */
export type Value = null | boolean | bigint | number | string | Keyword | readonly Value[] | List | RtfsMap | ErrorValue | Opaque

/** `name` is the text after the colon. */
export interface Keyword {
  readonly kind: "keyword"
  readonly name: string
}

export interface List {
  readonly kind: "list"
  readonly items: readonly Value[]
}

export type MapKey = bigint | string | Keyword

/** Entries in map order (language page, section 3.1), no key twice. */
export interface RtfsMap {
  readonly kind: "map"
  readonly entries: readonly (readonly [MapKey, Value])[]
}

export interface ErrorValue {
  readonly kind: "error"
  readonly message: string
  /** With which it was raised, where that is known; takes no part in equality. */
  readonly category?: string
}

/** A function that stood in a result; shown as `#<fn>`, refused as an argument. */
export interface Opaque {
  readonly kind: "function"
}

export function keyword(name: string): Keyword {
  return { kind: "keyword", name }
}
