/** Entry of the interpreter's thread: one job at a time, answered as plain data. */
import { parentPort, workerData } from "node:worker_threads"
import type { Interpretation, InterpretationJob } from "../core/interpreter/interpretation.ts"
import { interpretation } from "../core/interpreter/interpretation.ts"
import type { Stopped } from "../ports.ts"
import { createRuntimeFunctions } from "./runtime-functions.ts"

const functions = createRuntimeFunctions(workerData as Uint8Array)

parentPort?.on("message", (job: InterpretationJob) => parentPort?.postMessage(answerOf(job)))
parentPort?.postMessage("started")

function answerOf(job: InterpretationJob): Interpretation | Stopped {
  try {
    return interpretation(job, functions)
  } catch (fault) {
    // What JavaScript says of an array or text beyond what it can hold.
    if (fault instanceof RangeError && /^Invalid (array|string|typed array) length|^Array buffer/.test(fault.message))
      return { kind: "out-of-memory" }
    return { kind: "trapped", reason: fault instanceof Error ? `${fault.name}: ${fault.message}` : String(fault) }
  }
}
