/** The interpreter's fuel. Its unit is its own: one for each call, turn of a loop and element visited; not comparable with that of compiled code. */

/** Thrown when the fuel is used up; no program can catch it. */
export class OutOfFuel extends Error {}

export class Budget {
  readonly max: number
  spent = 0

  constructor(max: number) {
    this.max = max
  }

  charge(units: number): void {
    this.spent += units
    if (this.spent > this.max) throw new OutOfFuel()
  }
}
