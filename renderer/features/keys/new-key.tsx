/** A key that comes to be here: made, or brought as a file. */
import { useCallback, useState } from "react"
import type { KeyPurpose, Role } from "../../../shared/trust.ts"
import { engine } from "../../engine.ts"
import { strings } from "../../strings.ts"
import { Field } from "../../ui/field.tsx"
import { FileField } from "../../ui/file-field.tsx"
import { Select } from "../../ui/select.tsx"
import { Confirm } from "./confirm.tsx"

const words = strings.keys.keys
const fileBytesMax = 65_536
const purposes = Object.keys(words.purposes) as KeyPurpose[]
const rolesOffered: readonly Role[] = ["publisher", "reviewer", "authority", "root"]

export function CreateKey({ onClose }: { readonly onClose: () => void }) {
  const [purpose, setPurpose] = useState<KeyPurpose>("reviewer")
  const [name, setName] = useState("")
  const [owner, setOwner] = useState("")
  const [passphrase, setPassphrase] = useState("")
  const make = () => engine.createKey({ purpose, name: name.trim(), owner: owner.trim(), ...(passphrase === "" ? {} : { passphrase }) })
  return (
    <Confirm
      title={words.createTitle}
      explain={words.purposeMeaning[purpose]}
      act={words.createAct}
      done={words.created}
      onClose={onClose}
      preview={null}
      make={make}
      ready={name.trim() !== "" && owner.trim() !== ""}
    >
      <Select
        label={words.createPurpose}
        className="w-48"
        value={purpose}
        onChange={setPurpose}
        options={purposes.map(value => ({ value, label: words.purposes[value] }))}
      />
      <Field label={words.name} maxLength={100} value={name} onChange={setName} />
      <Field label={words.owner} maxLength={100} value={owner} onChange={setOwner} />
      <NewKeyPassphrase value={passphrase} onChange={setPassphrase} />
    </Confirm>
  )
}

/** The passphrase a new key gets; none leaves it unprotected, which is said. */
export function NewKeyPassphrase({ value, onChange }: { readonly value: string; readonly onChange: (value: string) => void }) {
  return (
    <Field
      label={words.createPassphrase}
      type="password"
      autoComplete="new-password"
      value={value}
      onChange={onChange}
      note={words.createUnprotected}
    />
  )
}

export function ImportKey({ onClose }: { readonly onClose: () => void }) {
  const [file, setFile] = useState<string | null>(null)
  const [problem, setProblem] = useState<string | undefined>(undefined)
  const [role, setRole] = useState<Role>("publisher")
  const [ledger, setLedger] = useState(false)
  const secret = file !== null && isSecret(file)
  const asked = useCallback((text: string) => ({ file: text, ...(isSecret(text) ? {} : { role, ledger }) }), [role, ledger])
  const preview = useCallback(
    async (signal: AbortSignal) => engine.importKey({ ...asked(file ?? ""), preview: true }, { signal }),
    [asked, file]
  )
  return (
    <Confirm
      title={words.importTitle}
      explain={words.importExplain}
      act={words.importAct}
      done={words.done}
      onClose={onClose}
      preview={file === null ? null : preview}
      make={() => engine.importKey(asked(file ?? ""))}
      ready={file !== null}
    >
      <FileField
        label={words.importFile}
        max={fileBytesMax}
        tooLarge={strings.fileTooLarge(fileBytesMax)}
        error={problem}
        onText={text => {
          setProblem(undefined)
          setFile(text)
        }}
        onProblem={text => {
          setFile(null)
          setProblem(text)
        }}
      />
      {file !== null && !secret && (
        <>
          <p>
            <code className="break-all">{idIn(file)}</code>
          </p>
          <p className="text-pending">{words.importCompare}</p>
          <Select
            label={words.importRole}
            className="w-48"
            value={role}
            onChange={setRole}
            options={rolesOffered.map(value => ({ value, label: words.purposes[value] }))}
          />
          <label className="flex items-center gap-2">
            <input type="checkbox" checked={ledger} onChange={event => setLedger(event.target.checked)} />
            {words.importLedger}
          </label>
        </>
      )}
    </Confirm>
  )
}

/** A key file has slots; a public half has none. What it really is the engine decides. */
function isSecret(text: string): boolean {
  return fieldOf(text, "slots") !== undefined
}

function idIn(text: string): string {
  const id = fieldOf(text, "id")
  return typeof id === "string" && /^[0-9a-f]{64}$/.test(id) ? id : "?"
}

function fieldOf(text: string, name: string): unknown {
  try {
    const json: unknown = JSON.parse(text)
    return typeof json === "object" && json !== null ? (json as Record<string, unknown>)[name] : undefined
  } catch {
    return undefined
  }
}
