/** Finding the name somebody meant. */

/** The nearest of some names within a distance that grows with the length, or null. The first of equals wins. */
export function nearestName(wanted: string, names: Iterable<string>): string | null {
  if (wanted.length < 3 || wanted.length > 64) return null
  let best: string | null = null
  let bestDistance = wanted.length <= 4 ? 1 : wanted.length <= 7 ? 2 : 3
  for (const name of names) {
    if (name === wanted || Math.abs(name.length - wanted.length) > bestDistance || name.length > 64) continue
    const distance = editDistance(wanted, name, bestDistance)
    if (distance < bestDistance || (distance === bestDistance && best === null)) {
      best = name
      bestDistance = distance
    }
  }
  return best
}

/** Insertions, deletions, replacements and swaps of neighbours that turn one text into the other; more than `limit` counts as `limit + 1`. */
export function editDistance(left: string, right: string, limit: number): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row]
    let smallest = row
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1]
      let cost = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (same ? 0 : 1))
      if (row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]) {
        cost = Math.min(cost, beforeLast[column - 2]! + 1)
      }
      current.push(cost)
      smallest = Math.min(smallest, cost)
    }
    if (smallest > limit) return limit + 1
    beforeLast = last
    last = current
  }
  return last[right.length]!
}
