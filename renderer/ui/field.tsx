/** A text field with its label, its note and its error tied to it. */
import type { InputHTMLAttributes, Ref } from "react"
import { useId } from "react"

interface FieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, "onChange" | "id"> {
  readonly label: string
  readonly labelHidden?: boolean
  readonly value: string
  readonly onChange: (value: string) => void
  readonly note?: string | undefined
  readonly error?: string | undefined
  readonly mono?: boolean
  readonly ref?: Ref<HTMLInputElement>
}

export const inputClass =
  "w-full min-w-0 rounded-md border border-line bg-surface px-2 text-sm outline-offset-0 transition-colors hover:border-line-strong aria-invalid:border-untrusted"

export function Field({ label, labelHidden = false, value, onChange, note, error, mono = false, className = "", ...rest }: FieldProps) {
  const id = useId()
  const about = error ?? note
  return (
    <div className={`flex min-w-0 flex-col gap-1 ${className}`}>
      <label htmlFor={id} className={labelHidden ? "sr-only" : "text-xs text-muted"}>
        {label}
      </label>
      <input
        id={id}
        value={value}
        onChange={event => onChange(event.target.value)}
        aria-invalid={error !== undefined}
        aria-describedby={about === undefined ? undefined : `${id}-about`}
        spellCheck={false}
        autoComplete="off"
        className={`${inputClass} h-7 ${mono ? "font-mono" : ""}`}
        {...rest}
      />
      {about !== undefined && (
        <p id={`${id}-about`} className={`text-xs ${error === undefined ? "text-muted" : "text-untrusted"}`}>
          {about}
        </p>
      )}
    </div>
  )
}
