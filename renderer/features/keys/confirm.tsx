/** A change of trust, shown before it is made: what it does, which Verdicts it moves, and an act that is never a bare Enter. */
import { type ReactNode, useEffect, useRef, useState } from "react"
import type { EngineFailure } from "../../../shared/failure.ts"
import type { VerdictState } from "../../../shared/trust.ts"
import { FailureNote } from "../../parts/failure-note.tsx"
import { Unlock } from "../../parts/unlock.tsx"
import { VerdictBadge } from "../../parts/verdict-badge.tsx"
import { strings } from "../../strings.ts"
import { Button } from "../../ui/button.tsx"
import { Dialog } from "../../ui/dialog.tsx"
import { Waiting } from "../../ui/empty.tsx"
import { announce } from "../../ui/live.tsx"
import { visibleLine } from "../../ui/visible-text.ts"
import { readTrust } from "./state.ts"

const words = strings.keys
const shownMax = 50

export interface Previewed {
  readonly changes: readonly {
    readonly mapping: string
    readonly task?: string
    readonly before: VerdictState
    readonly after: VerdictState
  }[]
  readonly rootVersion?: number | null
}

interface ConfirmProps {
  readonly title: string
  readonly explain: string
  readonly act: string
  readonly done: string
  readonly onClose: () => void
  /** Null where nothing can be foretold. */
  readonly preview: ((signal: AbortSignal) => Promise<Previewed>) | null
  readonly make: () => Promise<unknown>
  readonly children?: ReactNode
  readonly ready?: boolean
}

export function Confirm({ title, explain, act, done, onClose, preview, make, children, ready = true }: ConfirmProps) {
  const cancel = useRef<HTMLButtonElement>(null)
  const [found, setFound] = useState<Previewed | null>(null)
  const [failure, setFailure] = useState<EngineFailure | null>(null)
  const [busy, setBusy] = useState(false)
  const looking = preview !== null && found === null && failure === null
  useEffect(() => {
    if (preview === null) return
    const stop = new AbortController()
    setFound(null)
    setFailure(null)
    preview(stop.signal).then(
      answer => !stop.signal.aborted && setFound(answer),
      error => !stop.signal.aborted && setFailure(error as EngineFailure)
    )
    return () => stop.abort()
  }, [preview])
  const go = async () => {
    setBusy(true)
    setFailure(null)
    try {
      await make()
      announce(done)
      readTrust()
      onClose()
    } catch (error) {
      setFailure(error as EngineFailure)
    } finally {
      setBusy(false)
    }
  }
  const locked = failure?.code === "keys-locked"
  return (
    <Dialog open onClose={onClose} title={title} closeLabel={strings.settings.close} initialFocus={cancel}>
      <div className="flex min-h-0 flex-1 flex-col gap-3 overflow-y-auto p-4">
        <p className="text-muted">{explain}</p>
        {children}
        {looking && <Waiting text={words.changes.looking} />}
        {found !== null && <Changes found={found} />}
        {locked && <Unlock why={words.locked} onUnlocked={() => void go()} />}
        {failure !== null && !locked && <FailureNote failure={failure} />}
      </div>
      <footer className="flex flex-wrap justify-end gap-2 border-t border-line p-3">
        <Button ref={cancel} onClick={onClose}>
          {words.cancel}
        </Button>
        <Button kind="main" disabled={busy || looking || !ready} onClick={() => void go()}>
          {act}
        </Button>
      </footer>
    </Dialog>
  )
}

function Changes({ found: { changes, rootVersion } }: { readonly found: Previewed }) {
  return (
    <section aria-label={words.changes.title} className="flex flex-col gap-1 rounded-lg border border-line p-3">
      {rootVersion !== undefined && <p>{rootVersion === null ? words.changes.noRoot : words.changes.root(rootVersion)}</p>}
      <p>{changes.length === 0 ? words.changes.none : words.changes.count(changes.length)}</p>
      <ul className="flex flex-col gap-1">
        {changes.slice(0, shownMax).map(change => (
          <li key={change.mapping} className="flex items-center gap-2">
            <VerdictBadge state={change.before} />
            <span aria-hidden="true">→</span>
            <VerdictBadge state={change.after} />
            <span className="min-w-0 truncate">{visibleLine(change.task ?? change.mapping)}</span>
          </li>
        ))}
      </ul>
      {changes.length > shownMax && <p className="text-muted">{words.changes.more(changes.length - shownMax)}</p>}
    </section>
  )
}
