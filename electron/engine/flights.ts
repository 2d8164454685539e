/** Work that several callers want at one time is done once: the first starts it, the others wait, and it is cancelled when nobody waits any longer. */
import { EngineFailure } from "../../shared/failure.ts"

export interface Flights<T> {
  /** `joined`: somebody else had started it. */
  fly(
    key: string,
    work: (signal: AbortSignal) => Promise<T>,
    signal: AbortSignal | undefined
  ): Promise<{ readonly value: T; readonly joined: boolean }>
}

interface Flight<T> {
  readonly result: Promise<T>
  readonly stop: AbortController
  waiting: number
}

export function createFlights<T>(): Flights<T> {
  const flying = new Map<string, Flight<T>>()
  return {
    async fly(key, work, signal) {
      const known = flying.get(key)
      const flight = known ?? begin(key, work)
      flight.waiting++
      try {
        return { value: await whileWaiting(flight.result, signal), joined: known !== undefined }
      } finally {
        flight.waiting--
        if (flight.waiting === 0) {
          flight.stop.abort()
          if (flying.get(key) === flight) flying.delete(key)
        }
      }
    }
  }

  function begin(key: string, work: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const stop = new AbortController()
    const flight: Flight<T> = { result: work(stop.signal), stop, waiting: 0 }
    // Everybody may have left before it ends.
    flight.result.catch(() => {})
    flying.set(key, flight)
    return flight
  }
}

function whileWaiting<T>(result: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return result
  return new Promise((resolve, reject) => {
    const leave = () => reject(new EngineFailure("cancelled", "the caller cancelled"))
    if (signal.aborted) leave()
    signal.addEventListener("abort", leave, { once: true })
    result.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave))
  })
}
