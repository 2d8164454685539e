/** What the server door counts, in the text format of Prometheus. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client"
import type { Observer } from "./guard.ts"

export interface Metrics {
  readonly observe: Observer
  /** One HTTP request was answered. */
  answered(status: number): void
  inFlight(change: 1 | -1): void
  /** Content type and body of GET /metrics. */
  print(): Promise<{ readonly type: string; readonly body: string }>
}

export function createMetrics(): Metrics {
  const register = new Registry()
  const registers = [register]
  collectDefaultMetrics({ register })
  const requests = new Counter({ name: "l4_http_requests_total", help: "HTTP requests answered", labelNames: ["status"], registers })
  const flying = new Gauge({ name: "l4_http_requests_in_flight", help: "HTTP requests being answered", registers })
  const calls = new Counter({ name: "l4_calls_total", help: "calls of verbs by outcome", labelNames: ["verb", "code"], registers })
  const seconds = new Histogram({
    name: "l4_call_seconds",
    help: "seconds a verb took",
    labelNames: ["verb"],
    buckets: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
    registers
  })
  const lookups = new Counter({
    name: "l4_lookups_total",
    help: "Lookups by answer: hit with its tier, miss with its reason",
    labelNames: ["answer", "why"],
    registers
  })
  return {
    observe({ verb, code, answer, ms }) {
      calls.inc({ verb, code: code ?? "ok" })
      seconds.observe({ verb }, ms / 1_000)
      if (verb === "lookup" && code === null) {
        const found = answer as { kind: "hit"; tier: string } | { kind: "miss"; reason: string }
        lookups.inc({ answer: found.kind, why: found.kind === "hit" ? found.tier : found.reason })
      }
    },
    answered: status => requests.inc({ status: String(status) }),
    inFlight: change => flying.inc(change),
    print: async () => ({ type: register.contentType, body: await register.metrics() })
  }
}
