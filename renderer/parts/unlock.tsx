/** Opens locked keys where they are needed, without leaving the screen. */
import { useState } from "react"
import type { EngineFailure } from "../../shared/failure.ts"
import { engine } from "../engine.ts"
import { strings } from "../strings.ts"
import { Button } from "../ui/button.tsx"
import { Field } from "../ui/field.tsx"
import { announce } from "../ui/live.tsx"

/** The passphrase goes to the engine and is forgotten here at once, whether it fits or not. */
export function Unlock({ why, onUnlocked }: { readonly why: string; readonly onUnlocked: () => void }) {
  const [passphrase, setPassphrase] = useState("")
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | undefined>(undefined)
  const open = async () => {
    if (passphrase === "" || busy) return
    setBusy(true)
    try {
      const { unlocked } = await engine.unlock({ passphrase })
      setProblem(undefined)
      announce(strings.unlock.done(unlocked.length))
      onUnlocked()
    } catch (error) {
      setProblem((error as EngineFailure).message)
    } finally {
      setPassphrase("")
      setBusy(false)
    }
  }
  return (
    <form
      aria-label={strings.unlock.label}
      className="flex max-w-xl flex-col gap-2 rounded-lg border border-line bg-surface p-3"
      onSubmit={event => {
        event.preventDefault()
        void open()
      }}
    >
      <p>{why}</p>
      <div className="flex items-end gap-2">
        <Field
          label={strings.unlock.passphrase}
          type="password"
          autoComplete="current-password"
          className="grow"
          value={passphrase}
          onChange={setPassphrase}
          error={problem}
        />
        <Button kind="main" icon="key" type="submit" disabled={passphrase === "" || busy} className={problem === undefined ? "" : "mb-5"}>
          {strings.unlock.open}
        </Button>
      </div>
    </form>
  )
}
