/** Chooses a text file; its words come back as text, or as the reason why not. */
import { useId } from "react"
import { inputClass } from "./field.tsx"

interface FileFieldProps {
  readonly label: string
  /** Bytes. */
  readonly max: number
  readonly tooLarge: string
  readonly error?: string | undefined
  readonly onText: (text: string) => void
  readonly onProblem: (problem: string) => void
}

export function FileField({ label, max, tooLarge, error, onText, onProblem }: FileFieldProps) {
  const id = useId()
  const read = async (file: File | undefined) => {
    if (file === undefined) return
    if (file.size > max) onProblem(tooLarge)
    else onText(await file.text())
  }
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-xs text-muted">
        {label}
      </label>
      <input
        id={id}
        type="file"
        aria-invalid={error !== undefined}
        aria-describedby={error === undefined ? undefined : `${id}-about`}
        onChange={event => void read(event.target.files?.[0])}
        className={`${inputClass} py-1`}
      />
      {error !== undefined && (
        <p id={`${id}-about`} className="text-xs text-untrusted">
          {error}
        </p>
      )}
    </div>
  )
}
