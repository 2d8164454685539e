/** Entry of the interpreter's process: where its thread takes more memory than V8 forgives, this process dies, and no other. */
import type { Interpretation } from "../core/interpreter/interpretation.ts"
import type { Stopped } from "../ports.ts"
import type { InterpreterOrder } from "./interpreter-line.ts"
import { createInterpreterThread } from "./interpreter-thread.ts"
import { loadPinnedRuntime } from "./pinned-runtime.ts"

const interpret = createInterpreterThread(loadPinnedRuntime().bytes)
const post = listen(order => {
  void interpret(order.job, order.timeoutMs).then(answer => post(answer))
})

/** The parent: a utility process has a parent port, a child process an IPC channel. */
function listen(heard: (order: InterpreterOrder) => void): (answer: Interpretation | Stopped) => void {
  const { parentPort } = process as unknown as {
    parentPort?: { on(event: "message", listener: (event: { data: unknown }) => void): void; postMessage(message: unknown): void }
  }
  if (parentPort) {
    parentPort.on("message", event => heard(event.data as InterpreterOrder))
    return answer => parentPort.postMessage(answer)
  }
  process.on("disconnect", () => process.exit(0))
  process.on("message", message => heard(message as InterpreterOrder))
  return answer => void process.send?.(answer)
}
