// Memory and fuel: everything the runtime hands out comes from one bump pointer, and every loop pays here.

/** Units left. The host sets it before a Run; below zero the Run ends. */
export let fuel: i64 = 0
/** Why the instance trapped: 0 none, 1 out of fuel, 2 out of memory, 3 defect. */
export let reason: i32 = 0
/** Reserved for a shadow stack. */
export let sp: i32 = 0

/** First address given out; below it lie the runtime's own tables. The build checks that they fit. */
export const HEAP_BASE: u32 = 65536

let top: usize = 65536
let end: usize = 0
let last: usize = 0

function grow(needed: u64): void {
  let have = <u64>memory.size() << 16
  if (needed > have) {
    if (needed > 0xffff0000) outOfMemory()
    let pages = <i32>((needed - have + 65535) >> 16)
    let more = memory.size()
    if (more < pages) more = pages
    // Doubling beats many small growths; near the cap only what is needed.
    if (memory.grow(more) < 0) {
      if (memory.grow(pages) < 0) outOfMemory()
    }
    have = <u64>memory.size() << 16
  }
  end = have > 0xffff0000 ? 0xffff0000 : <usize>have
}

/** Address of `bytes` bytes, 8-aligned. Never freed. */
export function alloc(bytes: u32): usize {
  let p = top
  let next = <u64>p + ((<u64>bytes + 7) & ~7)
  if (next > <u64>end) grow(next)
  top = <usize>next
  return p
}

/** The bump pointer, to give scratch space back with `release`. */
export function mark(): usize {
  return top
}

/** Gives back everything allocated since `at`. Only for scratch nobody kept. */
export function release(at: usize): void {
  top = at
}

/** Makes the block at `p` (its end is `p + size`) larger in place if nothing was allocated after it. */
export function extend(p: usize, size: u32, wanted: u32): bool {
  if (p + ((size + 7) & ~7) != top) return false
  let next = <u64>p + ((<u64>wanted + 7) & ~7)
  if (next > <u64>end) grow(next)
  top = <usize>next
  return true
}

export function charge(units: i64): void {
  let left = fuel - units
  fuel = left
  if (left < 0) outOfFuel()
}

/** One unit for each 32 bytes begun. */
// @ts-ignore: decorator
@inline
export function chargeBytes(bytes: u32): void {
  charge(<i64>((<u64>bytes + 31) >> 5))
}

export function outOfFuel(): void {
  reason = 1
  unreachable()
}

export function outOfMemory(): void {
  reason = 2
  unreachable()
}

export function defect(): void {
  reason = 3
  unreachable()
}

/** A fresh owner of nodes that may be changed in place; 0 owns nothing. */
export function newOwner(): u32 {
  return <u32>++last
}

/** Copies a small block, whose length is rounded up to words of 8 bytes: a loop is faster here than the bulk instruction. */
// @ts-ignore: decorator
@inline
export function copyWords(to: usize, from: usize, bytes: u32): void {
  for (let end = from + bytes; from < end; from += 8, to += 8) store<u64>(to, load<u64>(from))
}
