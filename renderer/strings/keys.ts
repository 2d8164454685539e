/** English of the Keys & trust screen. */

export const keysStrings = {
  title: "Keys & trust"
}
