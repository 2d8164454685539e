/** Vectors and maps that share structure: what the interpreter builds step by step, so that n steps do not cost n² copies. */
import type { MapKey, RtfsMap, Value } from "../../../shared/value.ts"
import { compareKeys } from "./codec.ts"

/**
 * A vector that was appended to. Several may share one buffer, each seeing its own length; only the longest appends in place.
 * It stands for an array wherever a Value is expected inside the interpreter; `arrayOf` makes it one.
 */
export class GrowingVector {
  readonly kind = "vector"
  readonly length: number
  readonly #buffer: Value[]
  #items: readonly Value[] | null = null

  constructor(buffer: Value[], length: number) {
    this.#buffer = buffer
    this.length = length
  }

  at(index: number): Value | undefined {
    return index < this.length ? this.#buffer[index] : undefined
  }

  get items(): readonly Value[] {
    this.#items ??= this.#buffer.slice(0, this.length)
    return this.#items
  }

  append(more: readonly Value[]): GrowingVector {
    const buffer = this.#buffer.length === this.length ? this.#buffer : this.#buffer.slice(0, this.length)
    for (const item of more) buffer.push(item)
    return new GrowingVector(buffer, buffer.length)
  }
}

/** The array that a growing vector stands for; any other value as it is. */
export function arrayOf(value: Value): Value {
  return (value as unknown) instanceof GrowingVector ? (value as unknown as GrowingVector).items : value
}

interface TreeNode {
  readonly key: MapKey
  readonly value: Value
  readonly left: TreeNode | null
  readonly right: TreeNode | null
  readonly height: number
}

/** A map as a balanced tree in map order; its entries as a list are made when somebody asks. */
export class TreeMap implements RtfsMap {
  readonly kind = "map"
  readonly size: number
  readonly #root: TreeNode | null
  #entries: RtfsMap["entries"] | null = null

  private constructor(root: TreeNode | null, size: number) {
    this.#root = root
    this.size = size
  }

  /** `entries` in map order, no key twice. */
  static of(entries: RtfsMap["entries"]): TreeMap {
    return new TreeMap(build(entries, 0, entries.length), entries.length)
  }

  get entries(): RtfsMap["entries"] {
    if (this.#entries === null) {
      const entries: (readonly [MapKey, Value])[] = []
      collect(this.#root, entries)
      this.#entries = entries
    }
    return this.#entries
  }

  get(key: MapKey): Value | undefined {
    let node = this.#root
    while (node !== null) {
      const order = compareKeys(key, node.key)
      if (order === 0) return node.value
      node = order < 0 ? node.left : node.right
    }
    return undefined
  }

  with(key: MapKey, value: Value): TreeMap {
    const isNew = this.get(key) === undefined
    return new TreeMap(insert(this.#root, key, value), this.size + (isNew ? 1 : 0))
  }
}

function build(entries: RtfsMap["entries"], from: number, to: number): TreeNode | null {
  if (from >= to) return null
  const middle = (from + to) >> 1
  const [key, value] = entries[middle]!
  return made(key, value, build(entries, from, middle), build(entries, middle + 1, to))
}

function collect(node: TreeNode | null, entries: (readonly [MapKey, Value])[]): void {
  if (node === null) return
  collect(node.left, entries)
  entries.push([node.key, node.value])
  collect(node.right, entries)
}

function heightOf(node: TreeNode | null): number {
  return node === null ? 0 : node.height
}

function made(key: MapKey, value: Value, left: TreeNode | null, right: TreeNode | null): TreeNode {
  return { key, value, left, right, height: Math.max(heightOf(left), heightOf(right)) + 1 }
}

/** A copy of the path to the key, heights of neighbours never more than one apart. */
function insert(node: TreeNode | null, key: MapKey, value: Value): TreeNode {
  if (node === null) return made(key, value, null, null)
  const order = compareKeys(key, node.key)
  if (order === 0) return { ...node, value }
  if (order < 0) return balanced(node, insert(node.left, key, value), node.right)
  return balanced(node, node.left, insert(node.right, key, value))
}

function balanced({ key, value }: TreeNode, left: TreeNode | null, right: TreeNode | null): TreeNode {
  if (heightOf(left) > heightOf(right) + 1) {
    const inner = left!
    if (heightOf(inner.left) >= heightOf(inner.right)) return made(inner.key, inner.value, inner.left, made(key, value, inner.right, right))
    const middle = inner.right!
    return made(middle.key, middle.value, made(inner.key, inner.value, inner.left, middle.left), made(key, value, middle.right, right))
  }
  if (heightOf(right) > heightOf(left) + 1) {
    const inner = right!
    if (heightOf(inner.right) >= heightOf(inner.left)) return made(inner.key, inner.value, made(key, value, left, inner.left), inner.right)
    const middle = inner.left!
    return made(middle.key, middle.value, made(key, value, left, middle.left), made(inner.key, inner.value, middle.right, inner.right))
  }
  return made(key, value, left, right)
}
