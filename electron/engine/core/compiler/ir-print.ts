/** The intermediate representation as text, for golden tests and for people. */
import { printValue } from "../print.ts"
import { builtins } from "./builtins.ts"
import type { IrFunction, IrProgram, Node, Step } from "./ir.ts"

/** One function after another; a raw representation is shown behind a node as `:i64`, `:f64`, `:bool`. */
export function printIr(program: IrProgram): string {
  const head = [
    `${program.kind} entry ${program.exports[program.entry]?.name ?? "?"}${program.init < 0 ? "" : ` init f${program.init}`}`,
    ...program.exports.map(offered => `export ${offered.name} f${offered.fn} ${offered.type}`),
    ...program.globals.map((global, index) => `global g${index} ${global.name}${suffix(global.rep)}${global.slot ? " slot" : ""}`),
    ...program.types.map((type, index) => `type t${index} ${type.text}`),
    ...program.capabilities.map((capability, index) => `capability ${index} ${capability}`)
  ]
  return [...head, ...program.functions.map((fn, index) => printFunction(fn, index))].join("\n")
}

export function printFunction(fn: IrFunction, index: number): string {
  const params = fn.locals.slice(0, fn.fixed).map((rep, param) => `l${param}${suffix(rep)}${check(fn.paramChecks[param] ?? -1)}`)
  const rest = fn.rest ? ["&", `l${fn.fixed}`] : []
  const captures = fn.captures.length === 0 ? "" : ` captures [${fn.captures.map((rep, capture) => `c${capture}${suffix(rep)}`).join(" ")}]`
  return `f${index} ${fn.name || "fn"} [${[...params, ...rest].join(" ")}]${suffix(fn.result)}${captures}${fn.usesSelf ? " self" : ""}\n${new Printer(fn).lines(fn.body, "  ")}`
}

function suffix(rep: string): string {
  return rep === "boxed" ? "" : `:${rep}`
}

function check(type: number): string {
  return type < 0 ? "" : `?t${type}`
}

class Printer {
  readonly #fn: IrFunction

  constructor(fn: IrFunction) {
    this.#fn = fn
  }

  /** Blocks, branches and loops stand on lines of their own; what is short stands on one. */
  lines(node: Node, indent: string): string {
    const flat = this.flat(node)
    if (flat.length + indent.length <= 120 && !/\n/.test(flat)) return indent + flat
    const deeper = `${indent}  `
    const open = (head: string, parts: readonly string[]) => `${[`${indent}(${head}`, ...parts].join("\n")})`
    switch (node.op) {
      case "block":
        return open("block", [...node.steps.map(step => this.#step(step, deeper)), this.lines(node.result, deeper)])
      case "if":
        return open(`if${suffix(node.rep)} ${this.flat(node.test)}`, [this.lines(node.then, deeper), this.lines(node.else, deeper)])
      case "loop":
        return open(this.#loopHead(node), [this.lines(node.body, deeper)])
      case "choose":
        return open(
          `choose${suffix(node.rep)} #${node.label}`,
          node.clauses.map(clause => this.lines(clause, deeper))
        )
      case "try":
        return open(
          `try${node.handler === null ? "" : " catch"}${node.errorLocal < 0 ? "" : ` l${node.errorLocal}`}${node.cleanup === null ? "" : " finally"}`,
          [node.body, ...(node.handler === null ? [] : [node.handler]), ...(node.cleanup === null ? [] : [node.cleanup])].map(part =>
            this.lines(part, deeper)
          )
        )
      case "check":
        return open(`check t${node.type}${node.each ? " each" : ""}`, [this.lines(node.value, deeper)])
      default:
        return indent + flat
    }
  }

  #step(step: Step, indent: string): string {
    const target =
      step.step === "bind"
        ? `l${step.local}${suffix(this.#fn.locals[step.local] ?? "boxed")}`
        : step.step === "set-global"
          ? `g${step.global}`
          : step.step === "set-cell"
            ? `cell ${this.flat(step.cell)}`
            : "_"
    return `${indent}${target} = ${this.lines(step.value, indent).trimStart()}`
  }

  #loopHead(node: Extract<Node, { op: "loop" }>): string {
    const inits = node.inits.map((init, index) => `l${node.locals[index]} ${this.flat(init)}`)
    return `loop${suffix(node.rep)} #${node.label} [${inits.join(" ")}]`
  }

  flat(node: Node): string {
    const list = (head: string, parts: readonly Node[]) => `(${[head, ...parts.map(part => this.flat(part))].join(" ")})`
    switch (node.op) {
      case "const":
        return printValue(node.value) + suffix(node.rep)
      case "unset":
        return "unset"
      case "local":
        return `l${node.index}`
      case "global":
        return `g${node.index}${node.checked ? "?" : ""}`
      case "capture":
        return `c${node.index}`
      case "self":
        return "self"
      case "builtin":
        return `builtin:${builtins[node.builtin]?.name ?? node.builtin}`
      case "block":
        if (node.steps.length === 0) return this.flat(node.result)
        return `(block ${node.steps.map(step => this.#step(step, "")).join("; ")}; ${this.flat(node.result)})`
      case "if":
        return list(`if${suffix(node.rep)}`, [node.test, node.then, node.else])
      case "loop":
        return list(this.#loopHead(node), [node.body])
      case "continue":
        return list(`continue #${node.label}`, node.args)
      case "choose":
        return list(`choose${suffix(node.rep)} #${node.label}`, node.clauses)
      case "fail":
        return `(fail #${node.label})`
      case "call-known":
        return list(`f${node.fn}${node.tail ? " tail" : ""}`, node.closure === null ? node.args : [node.closure, ...node.args])
      case "call-value":
        return list(`call${node.tail ? " tail" : ""}`, [node.callee, ...node.args])
      case "call-builtin":
        return list(`${builtins[node.builtin]?.name ?? `inner-${node.builtin}`}`, node.args)
      case "host":
        return list(`host ${node.capability}`, node.args)
      case "prim":
        return list(node.prim, node.args)
      case "box":
        return list("box", [node.value])
      case "unbox":
        return list(`unbox${suffix(node.rep)}`, [node.value])
      case "closure":
        return list(`closure f${node.fn}`, node.captures)
      case "make":
        return list(`make-${node.kind}`, node.items)
      case "make-map":
        return `(make-map${node.keys.map((key, index) => ` ${printValue(key)} ${this.flat(node.values[index]!)}`).join("")})`
      case "try": {
        const parts = [node.body, ...(node.handler === null ? [] : [node.handler]), ...(node.cleanup === null ? [] : [node.cleanup])]
        return list(
          `try${node.handler === null ? "" : " catch"}${node.errorLocal < 0 ? "" : ` l${node.errorLocal}`}${node.cleanup === null ? "" : " finally"}`,
          parts
        )
      }
      case "check":
        return list(`check t${node.type}${node.each ? " each" : ""}`, [node.value])
      case "raise":
        return `(raise ${node.category} ${JSON.stringify(node.message)})`
      case "cell":
        return "(cell)"
      case "cell-get":
        return `(cell-get ${this.flat(node.cell)}${node.name === null ? "" : ` ${node.name}`})`
    }
  }
}
