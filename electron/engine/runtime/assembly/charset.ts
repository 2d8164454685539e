// Sets of scalars for patterns: sorted, disjoint ranges; the operations of character classes; Unicode categories by name.
import { alloc, charge } from "./memory"
import {
  ALPHABETIC_EXTRA, CATEGORY_RUNS, FOLD, FOLD_RUNS, LOWERCASE_EXTRA, SCRIPT_NAMES, SCRIPT_RUNS, UPPERCASE_EXTRA, WORD_EXTRA
} from "./unicode-tables"

// Set: ranges n @0, capacity @4, pointer to ranges (low, high) of 8 bytes @8.
// @ts-ignore: decorator
@inline export const SCALAR_MAX: u32 = 0x10ffff

export function setNew(): usize {
  let s = alloc(16)
  store<u32>(s, 0)
  store<u32>(s, 8, 4)
  store<u32>(s, alloc(64), 8)
  return s
}

// @ts-ignore: decorator
@inline
export function rangesOf(s: usize): usize {
  return load<u32>(s, 8)
}

// @ts-ignore: decorator
@inline
export function rangeCount(s: usize): u32 {
  return load<u32>(s)
}

/** Adds [low, high]; the set is not sorted until `normalise`. */
export function addRange(s: usize, low: u32, high: u32): void {
  let n = load<u32>(s)
  let capacity = load<u32>(s, 4)
  if (n == capacity) {
    let wider = alloc(capacity << 4)
    memory.copy(wider, load<u32>(s, 8), n << 3)
    store<u32>(s, wider, 8)
    store<u32>(s, capacity << 1, 4)
  }
  let p = load<u32>(s, 8) + (n << 3)
  store<u32>(p, low)
  store<u32>(p, high, 4)
  store<u32>(s, n + 1)
}

export function addSet(s: usize, other: usize): void {
  let p = rangesOf(other)
  for (let n = rangeCount(other); n > 0; n--, p += 8) addRange(s, load<u32>(p), load<u32>(p, 4))
}

/** Sorts by first scalar (heap sort: ranges may come in any order) and joins what touches. */
export function normalise(s: usize): void {
  let n = rangeCount(s)
  let p = rangesOf(s)
  charge(n)
  let sorted = true
  for (let i: u32 = 1; i < n && sorted; i++) sorted = load<u32>(p + (i << 3) - 8) <= load<u32>(p + (i << 3))
  if (!sorted) {
    for (let i = n >> 1; i > 0; i--) sink(p, i - 1, n)
    for (let end = n - 1; end > 0; end--) {
      let t = load<u64>(p)
      store<u64>(p, load<u64>(p + (end << 3)))
      store<u64>(p + (end << 3), t)
      sink(p, 0, end)
    }
  }
  let kept: u32 = 0
  for (let i: u32 = 0; i < n; i++) {
    let low = load<u32>(p + (i << 3))
    let high = load<u32>(p + (i << 3), 4)
    if (kept && low <= load<u32>(p + (kept << 3) - 8, 4) + 1) {
      if (high > load<u32>(p + (kept << 3) - 8, 4)) store<u32>(p + (kept << 3) - 8, high, 4)
    } else {
      store<u32>(p + (kept << 3), low)
      store<u32>(p + (kept << 3), high, 4)
      kept++
    }
  }
  store<u32>(s, kept)
}

function sink(p: usize, i: u32, n: u32): void {
  let x = load<u64>(p + (i << 3))
  while (true) {
    let child = i * 2 + 1
    if (child >= n) break
    if (child + 1 < n && load<u32>(p + (child << 3)) < load<u32>(p + (child << 3) + 8)) child++
    if (<u32>x >= load<u32>(p + (child << 3))) break
    store<u64>(p + (i << 3), load<u64>(p + (child << 3)))
    i = child
  }
  store<u64>(p + (i << 3), x)
}

/** Everything not in `s` (normalised), without surrogates: they are no scalars. */
export function complement(s: usize): usize {
  let out = setNew()
  let from: u32 = 0
  let p = rangesOf(s)
  for (let n = rangeCount(s); n > 0; n--, p += 8) {
    if (load<u32>(p) > from) addScalars(out, from, load<u32>(p) - 1)
    from = load<u32>(p, 4) + 1
  }
  if (from <= SCALAR_MAX) addScalars(out, from, SCALAR_MAX)
  return out
}

function addScalars(s: usize, low: u32, high: u32): void {
  if (low < 0xd800) addRange(s, low, min<u32>(high, 0xd7ff))
  if (high > 0xdfff) addRange(s, max<u32>(low, 0xe000), high)
}

/** What is in both (normalised) sets. */
export function intersection(a: usize, b: usize): usize {
  let out = setNew()
  let p = rangesOf(a)
  let q = rangesOf(b)
  let n = rangeCount(a)
  let m = rangeCount(b)
  while (n && m) {
    let low = max(load<u32>(p), load<u32>(q))
    let high = min(load<u32>(p, 4), load<u32>(q, 4))
    if (low <= high) addRange(out, low, high)
    if (load<u32>(p, 4) < load<u32>(q, 4)) {
      p += 8
      n--
    } else {
      q += 8
      m--
    }
  }
  return out
}

export function contains(s: usize, c: u32): bool {
  let p = rangesOf(s)
  let low: u32 = 0
  let high = rangeCount(s)
  while (low < high) {
    let mid = (low + high) >> 1
    let r = p + (mid << 3)
    if (c < load<u32>(r)) high = mid
    else if (c > load<u32>(r, 4)) low = mid + 1
    else return true
  }
  return false
}

/** Adds the other cases of everything in `s`; normalises. `ascii`: letters a–z only. */
export function foldCase(s: usize, ascii: bool): void {
  normalise(s)
  if (ascii) {
    for (let c: u32 = 97; c < 123; c++) {
      let up = contains(s, c - 32)
      if (contains(s, c) != up) addRange(s, up ? c : c - 32, up ? c : c - 32)
    }
    normalise(s)
    return
  }
  // Each class of scalars is a star around its smallest member: first into the centres, then out of them.
  charge(FOLD_RUNS * 4)
  foldRuns(s, true)
  normalise(s)
  foldRuns(s, false)
  normalise(s)
}

/** Whether `s` (normalised) has anything in [low, high]. */
function touches(s: usize, low: u32, high: u32): bool {
  let p = rangesOf(s)
  let from: u32 = 0
  let to = rangeCount(s)
  while (from < to) {
    let mid = (from + to) >> 1
    if (load<u32>(p + (mid << 3), 4) < low) from = mid + 1
    else to = mid
  }
  return from < rangeCount(s) && load<u32>(p + (from << 3)) <= high
}

function foldRuns(s: usize, inward: bool): void {
  let found = setNew()
  for (let i = 0; i < FOLD_RUNS; i++) {
    let p = FOLD + i * 12
    let first = load<u32>(p) & 0x7fffffff
    let last = load<u32>(p, 4)
    let step: u32 = load<u32>(p) >> 31 ? 2 : 1
    let delta = load<u32>(p, 8)
    let shift = inward ? 0 : delta
    if (!touches(s, first + shift, last + shift)) continue
    for (let c = first; c <= last; c += step) {
      if (contains(s, c + shift)) addRange(found, inward ? c + delta : c, inward ? c + delta : c)
    }
  }
  addSet(s, found)
}

/** Adds the runs of all categories in `mask` (bit per category, order of tables.mjs). */
function addCategories(s: usize, mask: u32): void {
  let table = CATEGORY_RUNS
  let at: u32 = 0
  while (at <= SCALAR_MAX) {
    let n: u32 = 0
    for (let shift: u32 = 0; ; shift += 7) {
      let b: u32 = load<u8>(table++)
      n |= (b & 127) << shift
      if (b < 128) break
    }
    if ((mask >> load<u8>(table++)) & 1) addRange(s, at, at + n - 1)
    at += n
    charge(1)
  }
  normalise(s)
}

/** Adds the runs that are marked with `number`. */
function addRuns(s: usize, table: usize, number: u32): void {
  let at: u32 = 0
  while (at <= SCALAR_MAX) {
    let n: u32 = 0
    for (let shift: u32 = 0; ; shift += 7) {
      let b: u32 = load<u8>(table++)
      n |= (b & 127) << shift
      if (b < 128) break
    }
    if (load<u8>(table++) == number) addRange(s, at, at + n - 1)
    at += n
    charge(1)
  }
}

/** Adds a table of (gap, length) pairs. */
function addTable(s: usize, table: usize): void {
  let at: u32 = 0
  while (true) {
    for (let shift: u32 = 0; ; shift += 7) {
      let b: u32 = load<u8>(table++)
      at += (b & 127) << shift
      if (b < 128) break
    }
    let n: u32 = 0
    for (let shift: u32 = 0; ; shift += 7) {
      let b: u32 = load<u8>(table++)
      n |= (b & 127) << shift
      if (b < 128) break
    }
    if (n == 0) break
    addRange(s, at, at + n - 1)
    at += n
  }
  normalise(s)
}

// @ts-ignore: decorator
@inline const LETTERS: u32 = 0x1f
// @ts-ignore: decorator
@inline const MARKS: u32 = 0xe0
// @ts-ignore: decorator
@inline const DIGITS: u32 = 0x100
// @ts-ignore: decorator
@inline const LETTER_NUMBERS: u32 = 0x200
// @ts-ignore: decorator
@inline const CONNECTORS: u32 = 0x800

let digits: usize = 0
let words: usize = 0
let spaces: usize = 0

/** \d */
export function digitSet(ascii: bool): usize {
  if (ascii) return oneRange(48, 57)
  if (!digits) {
    digits = setNew()
    addCategories(digits, DIGITS)
  }
  return digits
}

/** \w */
export function wordSet(ascii: bool): usize {
  if (ascii) {
    let s = oneRange(48, 57)
    addRange(s, 65, 90)
    addRange(s, 95, 95)
    addRange(s, 97, 122)
    return s
  }
  if (!words) {
    words = setNew()
    addTable(words, WORD_EXTRA)
    addCategories(words, LETTERS | MARKS | DIGITS | LETTER_NUMBERS | CONNECTORS)
  }
  return words
}

/** \s */
export function spaceSet(ascii: bool): usize {
  if (ascii) {
    let s = oneRange(9, 13)
    addRange(s, 32, 32)
    return s
  }
  if (!spaces) {
    spaces = oneRange(9, 13)
    addRange(spaces, 32, 32)
    addRange(spaces, 0x85, 0x85)
    addRange(spaces, 0xa0, 0xa0)
    addRange(spaces, 0x1680, 0x1680)
    addRange(spaces, 0x2000, 0x200a)
    addRange(spaces, 0x2028, 0x2029)
    addRange(spaces, 0x202f, 0x202f)
    addRange(spaces, 0x205f, 0x205f)
    addRange(spaces, 0x3000, 0x3000)
  }
  return spaces
}

function oneRange(low: u32, high: u32): usize {
  let s = setNew()
  addRange(s, low, high)
  return s
}

/** Whether \b takes `c` for a word character. */
export function isWord(c: u32, ascii: bool): bool {
  if (c < 128 || ascii) return (c | 32) - 97 < 26 ? c < 128 : c - 48 < 10 || c == 95
  return contains(wordSet(false), c)
}

// Name of a property in lower case without space, underscore and hyphen, then its mask, 0 for what is no category.
const names: string = "lu uppercaseletter ll lowercaseletter lt titlecaseletter lm modifierletter lo otherletter mn nonspacingmark mc spacingmark me enclosingmark nd decimalnumber nl letternumber no othernumber pc connectorpunctuation pd dashpunctuation ps openpunctuation pe closepunctuation pi initialpunctuation pf finalpunctuation po otherpunctuation sm mathsymbol sc currencysymbol sk modifiersymbol so othersymbol zs spaceseparator zl lineseparator zp paragraphseparator cc control cf format co privateuse cn unassigned cs surrogate "

// The groups, with their masks in the same order.
const groups: string = "l letter m mark n number p punctuation s symbol z separator c other lc casedletter digit digit punct punct cntrl cntrl "

function groupMask(index: u32): u32 {
  switch (index) {
    case 0: return 0x1f
    case 1: return 0xe0
    case 2: return 0x700
    case 3: return 0x3f800
    case 4: return 0x3c0000
    case 5: return 0x1c00000
    case 6: return 0x3e000000
    case 7: return 7
    case 8: return 0x100
    case 9: return 0x3f800
    default: return 0x2000000
  }
}

/** Position of the word [p, p + n) in a list of words; −1 if it is not there. */
function wordIndex(list: string, p: usize, n: u32): i32 {
  let q = changetype<usize>(list)
  let length = load<u32>(q - 4) >> 1
  let index = 0
  let i: u32 = 0
  let same = true
  for (let k: u32 = 0; k < length; k++) {
    let c: u32 = load<u16>(q + (k << 1))
    if (c == 32) {
      if (same && i == n) return index
      index++
      i = 0
      same = true
    } else {
      if (i >= n || load<u8>(p + i) != c) same = false
      i++
    }
  }
  return -1
}

/** The set of a script by its (simplified) name; 0 if the name is not known. */
export function scriptSet(p: usize, n: u32): usize {
  let q = SCRIPT_NAMES
  let number: u32 = 1
  while (true) {
    let i: u32 = 0
    while (i < n && load<u8>(q + i) == load<u8>(p + i)) i++
    if (i == n && load<u8>(q + n) == 32) break
    while (load<u8>(q) != 32) q++
    q++
    number++
    if (load<u8>(q) == 0) return 0
  }
  let s = setNew()
  addRuns(s, SCRIPT_RUNS, number)
  return s
}

/** The set of a Unicode property by its (simplified) name; 0 if the name is not known. */
export function propertySet(p: usize, n: u32): usize {
  let s = setNew()
  let index = wordIndex(names, p, n)
  if (index >= 0) {
    addCategories(s, 1 << (index >> 1))
    return s
  }
  index = wordIndex(groups, p, n)
  if (index >= 0) {
    addCategories(s, groupMask(index >> 1))
    return s
  }
  switch (wordIndex("any ascii alphabetic alpha whitespace space uppercase upper lowercase lower assigned ", p, n)) {
    case 0:
      addScalars(s, 0, SCALAR_MAX)
      break
    case 1:
      addRange(s, 0, 127)
      break
    case 2:
    case 3:
      addTable(s, ALPHABETIC_EXTRA)
      addCategories(s, LETTERS | LETTER_NUMBERS)
      break
    case 4:
    case 5:
      addSet(s, spaceSet(false))
      break
    case 6:
    case 7:
      addTable(s, UPPERCASE_EXTRA)
      addCategories(s, 1)
      break
    case 8:
    case 9:
      addTable(s, LOWERCASE_EXTRA)
      addCategories(s, 2)
      break
    case 10:
      addCategories(s, 0xfffffff)
      break
    default:
      return scriptSet(p, n)
  }
  return s
}

/** `[:name:]`; 0 if unknown. */
export function posixSet(p: usize, n: u32): usize {
  let s = setNew()
  switch (wordIndex("alnum alpha ascii blank cntrl digit graph lower print punct space upper word xdigit ", p, n)) {
    case 0:
      addRange(s, 48, 57)
      addRange(s, 65, 90)
      addRange(s, 97, 122)
      break
    case 1:
      addRange(s, 65, 90)
      addRange(s, 97, 122)
      break
    case 2:
      addRange(s, 0, 127)
      break
    case 3:
      addRange(s, 9, 9)
      addRange(s, 32, 32)
      break
    case 4:
      addRange(s, 0, 31)
      addRange(s, 127, 127)
      break
    case 5:
      addRange(s, 48, 57)
      break
    case 6:
      addRange(s, 33, 126)
      break
    case 7:
      addRange(s, 97, 122)
      break
    case 8:
      addRange(s, 32, 126)
      break
    case 9:
      addRange(s, 33, 47)
      addRange(s, 58, 64)
      addRange(s, 91, 96)
      addRange(s, 123, 126)
      break
    case 10:
      addRange(s, 9, 13)
      addRange(s, 32, 32)
      break
    case 11:
      addRange(s, 65, 90)
      break
    case 12:
      return wordSet(true)
    case 13:
      addRange(s, 48, 57)
      addRange(s, 65, 70)
      addRange(s, 97, 102)
      break
    default:
      return 0
  }
  return s
}
