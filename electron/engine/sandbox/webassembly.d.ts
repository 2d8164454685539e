/** The part of the JavaScript API of WebAssembly that the engine uses; Node's own types leave it out. */
declare namespace WebAssembly {
  type ExportValue = ((...args: (number | bigint)[]) => unknown) | Global | Memory | Table | Tag
  type ModuleImports = Record<string, unknown>

  class Module {
    constructor(bytes: Uint8Array<ArrayBuffer>)
    private readonly brand
  }
  class Instance {
    constructor(module: Module, imports?: Record<string, ModuleImports>)
    readonly exports: Record<string, ExportValue>
  }
  class Memory {
    readonly buffer: ArrayBuffer
    private readonly brand
  }
  class Table {
    readonly length: number
    private readonly brand
  }
  class Tag {
    private readonly brand
  }
  class Global<T extends "i32" | "i64" = "i32" | "i64"> {
    value: T extends "i64" ? bigint : number
  }
  class Exception {
    is(tag: Tag): boolean
    getArg(tag: Tag, index: number): unknown
  }
  class RuntimeError extends Error {}
  class LinkError extends Error {}
  class CompileError extends Error {}

  function compile(bytes: Uint8Array<ArrayBuffer>): Promise<Module>
  function validate(bytes: Uint8Array<ArrayBuffer>): boolean
}
