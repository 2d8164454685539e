/** One question of one part of a screen: asked when it appears, again when what it depends on changes or the engine is back. */
import { useCallback, useEffect, useState } from "react"
import { useConnection } from "../engine.ts"
import type { Asked } from "./asked.ts"
import { createAsker, idle } from "./asked.ts"

/** `key` names what is asked, so that the answer to something else is never shown under it. */
export function useAnswer<T>(key: string, question: (signal: AbortSignal) => Promise<T>): readonly [Asked<T>, () => void] {
  const generation = useConnection(state => state.generation)
  const [round, setRound] = useState(0)
  const [held, setHeld] = useState<{ readonly key: string; readonly asked: Asked<T> }>({ key, asked: idle })
  useEffect(() => {
    if (generation === 0) return
    const ask = createAsker<T>(asked => setHeld({ key, asked }))
    void ask(question)
    return () => void ask(null)
  }, [key, round, generation])
  const again = useCallback(() => setRound(before => before + 1), [])
  return [held.key === key ? held.asked : idle, again]
}
