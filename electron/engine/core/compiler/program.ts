/** The program under construction: the tables that all units of one compilation share. */
import { compareUtf8 } from "../utf8.ts"
import type { HostCall, IrGlobal, IrType, Site, Step } from "./ir.ts"
import type { FunctionContext, Marker, Mutable, PendingCall, Variable } from "./scope.ts"
import { FunctionContext as Context } from "./scope.ts"

export class ProgramBuilder {
  readonly functions: FunctionContext[] = []
  readonly calls: PendingCall[] = []
  readonly globals: IrGlobal[] = []
  readonly types: IrType[] = []
  readonly sites: Site[] = []
  readonly markers: Marker[] = []
  readonly hostCalls: { readonly node: Mutable<HostCall>; readonly capability: string }[] = []
  readonly #typeIndex = new Map<string, number>()
  readonly #siteIndex = new Map<number, number>()

  newFunction(parent: FunctionContext | null, name: string, fixed: number, rest: boolean, tailCalls: boolean): FunctionContext {
    const context = new Context(parent, name, this.functions.length, fixed, rest, tailCalls)
    this.functions.push(context)
    return context
  }

  newGlobal(name: string, slot = false): Variable {
    const index = this.globals.push({ name, rep: "boxed", slot }) - 1
    return { name, owner: null, place: "global", index, known: null, init: null }
  }

  typeIndex(type: IrType): number {
    const known = this.#typeIndex.get(type.text)
    if (known !== undefined) return known
    this.#typeIndex.set(type.text, this.types.length)
    return this.types.push(type) - 1
  }

  /** A Source has at most 2^18 UTF-16 units, so a place is a number that keeps its order. */
  siteIndex(unit: number, start: number, end: number): number {
    const key = (unit * 2 ** 18 + start) * 2 ** 18 + end
    const known = this.#siteIndex.get(key)
    if (known !== undefined) return known
    this.#siteIndex.set(key, this.sites.length)
    return this.sites.push({ unit, start, end }) - 1
  }

  /** Puts a step among others that stands for what `steps` will hold in the end. */
  mark(among: Step[], steps: readonly Step[]): void {
    const marker: Step = { step: "drop", value: { op: "const", rep: "boxed", value: null } }
    among.push(marker)
    this.markers.push({ among, marker, steps })
  }

  settleMarkers(): void {
    const replaced = new Map<Step, readonly Step[]>(this.markers.map(marker => [marker.marker, marker.steps]))
    for (const among of new Set(this.markers.map(marker => marker.among))) {
      const before = among.splice(0)
      for (const step of before) {
        const steps = replaced.get(step)
        if (steps === undefined) among.push(step)
        else for (const inner of steps) among.push(inner)
      }
    }
  }

  /** Gives every host call the index of its capability in byte order, and answers the capabilities. */
  settleCapabilities(): string[] {
    const capabilities = [...new Set(this.hostCalls.map(call => call.capability))].sort(compareUtf8)
    const indices = new Map(capabilities.map((capability, index) => [capability, index]))
    for (const call of this.hostCalls) call.node.capability = indices.get(call.capability)!
    return capabilities
  }
}
