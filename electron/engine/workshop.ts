/** Compiling, evaluating and looking into a Bundle without a store: none of it depends on anything that is kept. */
import type { AnswerOf, EngineVerbs } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { CompileBench } from "./compile.ts"
import { compile } from "./compile.ts"
import { bindAll } from "./engine.ts"
import type { EvaluateBench } from "./evaluate.ts"
import { evaluate } from "./evaluate.ts"
import type { Glass } from "./verify-bundle.ts"
import { verifyBundle } from "./verify-bundle.ts"

export interface Workshop extends Pick<EngineVerbs, "compile" | "evaluate" | "verifyBundle"> {
  close(): Promise<void>
}

export type WorkshopBench = Omit<CompileBench, "unitsOf"> & EvaluateBench & Glass

/** Imports need a store: a Source that has them is refused with `store-missing`. */
export function createWorkshop(tools: WorkshopBench): Workshop {
  const bench = {
    ...tools,
    unitsOf(imports: readonly unknown[]): [] {
      if (imports.length > 0) throw new EngineFailure("store-missing", "imports are looked for in a store, and none is open")
      return []
    }
  }
  let closed = false
  const verbs = bindAll<"compile" | "evaluate" | "verifyBundle">(
    {
      compile: (input): Promise<AnswerOf<"compile">> => compile(input, bench),
      evaluate: (input, context): Promise<AnswerOf<"evaluate">> => evaluate(input, bench, context),
      verifyBundle: (input, context): Promise<AnswerOf<"verifyBundle">> => verifyBundle(input, bench, context)
    },
    () => closed
  )
  return {
    ...verbs,
    async close() {
      closed = true
      await tools.sandbox.close()
    }
  }
}
