/** What the page gets from the model: an isolated world for the real preload, a bridge of functions into the page's own world, and ports. */

/** In the page's own world, before anything else runs there: shows what the isolated world exposes. */
export const mainWorldScript = `(() => {
  const listeners = []
  document.addEventListener("model-expose", event => {
    const { key, names } = JSON.parse(event.detail)
    const api = {}
    for (const [name, value] of Object.entries(names)) {
      api[name] = value !== "function" ? value : (...args) => {
        const sent = args.map(arg => typeof arg === "function" ? { listener: listeners.push(arg) - 1 } : { value: arg })
        document.dispatchEvent(new CustomEvent("model-call", { detail: JSON.stringify({ key, name, args: sent }) }))
      }
    }
    Object.defineProperty(globalThis, key, { value: Object.freeze(api), configurable: false, writable: false })
  })
  document.addEventListener("model-listener", event => {
    const { listener, args } = JSON.parse(event.detail)
    listeners[listener](...args)
  })
})()`

/** In the isolated world: the two modules a sandboxed preload may use, then the preload as CommonJS. Anything else it requires is refused. */
export function isolatedWorldScript(preload: string): string {
  return `(() => {
  if (window !== window.top) return
  const heard = new Map()
  const ends = new Map()
  const tell = message => globalThis.modelSay(JSON.stringify(message))
  const contextBridge = {
    exposeInMainWorld(key, api) {
      const names = Object.fromEntries(Object.entries(api).map(([name, value]) => [name, typeof value === "function" ? "function" : value]))
      document.addEventListener("model-call", event => {
        const call = JSON.parse(event.detail)
        if (call.key !== key) return
        api[call.name](...call.args.map(arg => "listener" in arg
          ? (...args) => document.dispatchEvent(new CustomEvent("model-listener", { detail: JSON.stringify({ listener: arg.listener, args }) }))
          : arg.value))
      })
      document.dispatchEvent(new CustomEvent("model-expose", { detail: JSON.stringify({ key, names }) }))
    }
  }
  const ipcRenderer = {
    on(channel, listener) {
      heard.set(channel, [...(heard.get(channel) ?? []), listener])
      return ipcRenderer
    },
    send(channel, ...args) {
      tell({ kind: "ipc", channel, args })
    }
  }
  globalThis.modelDeliver = text => {
    const message = JSON.parse(text)
    if (message.kind === "port") return void ends.get(message.port)?.postMessage(message.data)
    if (message.kind === "port-close") return void ends.get(message.port)?.close()
    const ports = message.ports.map(id => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = event => tell({ kind: "port", port: id, data: event.data })
      ends.set(id, port1)
      return port2
    })
    for (const listener of heard.get(message.channel) ?? []) listener({ ports }, ...message.args)
  }
  const require = name => {
    if (name === "electron") return { contextBridge, ipcRenderer }
    throw new Error("a sandboxed preload cannot require " + name)
  }
  const module = { exports: {} }
  try {
    ;(function (require, module, exports) {
${preload}
    })(require, module, module.exports)
  } catch (error) {
    tell({ kind: "preload-failed", message: String(error) })
  }
})()`
}
