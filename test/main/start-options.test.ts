import { EventEmitter } from "node:events"
import { describe, expect, test } from "vitest"
import { createLauncher } from "../../electron/main/launcher.ts"
import type { FromEngine } from "../../electron/main/messages.ts"
import { linkedPlace, placesOf, takePassphrase } from "../../electron/main/start-options.ts"

describe("words of a start", () => {
  test.each([
    [["electron", "."], {}],
    [["electron", ".", "--store", "/a", "--home", "/b"], { store: "/a", home: "/b" }],
    [["app", "--store=/a b"], { store: "/a b" }],
    [["app", "--storeroom", "/a"], {}]
  ])("%j name the places %j", (words, places) => {
    expect(placesOf(words)).toEqual(places)
  })

  test("a passphrase is taken out of the environment, so that no child inherits it", () => {
    const environment = { L4_PASSPHRASE: "secret", OTHER: "1" }
    expect(takePassphrase(environment)).toBe("secret")
    expect(environment).toEqual({ OTHER: "1" })
    expect(takePassphrase({ L4_PASSPHRASE: "" })).toBeUndefined()
  })

  test("only a link to a place counts", () => {
    expect(linkedPlace(["app", "l4://explore?words=sum"])).toBe("/explore?words=sum")
    expect(linkedPlace(["app", "l4://sign-off/now"])).toBeNull()
    expect(linkedPlace(["app"])).toBeNull()
  })
})

describe("the engine's launcher", () => {
  class Port extends EventEmitter {
    readonly sent: unknown[] = []
    started = false
    closed = false
    postMessage = (message: unknown) => void this.sent.push(message)
    start = () => void (this.started = true)
    close = () => void (this.closed = true)
  }

  function launched() {
    const said: FromEngine[] = []
    const launcher = createLauncher(message => said.push(message))
    return { said, launcher, process: launcher.launch("runner"), port: new Port() }
  }

  test("it asks main, and what was said before the port came is said over it in order", () => {
    const { said, launcher, process, port } = launched()
    process.postMessage(1)
    process.postMessage(2)
    expect(said).toEqual([{ kind: "launch", id: 1, entry: "runner" }])
    launcher.connected(1, 4711, port as never)
    process.postMessage(3)
    expect(port.sent).toEqual([1, 2, 3])
    expect(port.started).toBe(true)
    expect(process.pid).toBe(4711)
  })

  test("messages of the port reach the listeners, and an end is told with its code", () => {
    const { launcher, process, port } = launched()
    const heard: unknown[] = []
    process.onMessage(message => heard.push(message))
    process.onExit(code => heard.push(`exit ${code}`))
    launcher.connected(1, null, port as never)
    port.emit("message", { data: "hello" })
    launcher.ended(1, 9)
    expect(heard).toEqual(["hello", "exit 9"])
    expect(port.closed).toBe(true)
  })

  test("killing asks main; a port that comes too late is closed", () => {
    const { said, launcher, process, port } = launched()
    process.kill()
    expect(said.at(-1)).toEqual({ kind: "kill", id: 1 })
    launcher.ended(1, null)
    launcher.connected(1, 1, port as never)
    expect(port.closed).toBe(true)
  })
})
