/** Import: choose or bring a Bundle, read the report, and only then write what it announces. */
import { type DragEvent, useRef, useState } from "react"
import { FailureNote } from "../../parts/failure-note.tsx"
import { Unlock } from "../../parts/unlock.tsx"
import { useStoreStatus } from "../../store-status.ts"
import { strings } from "../../strings.ts"
import { Button } from "../../ui/button.tsx"
import { Dialog } from "../../ui/dialog.tsx"
import { Waiting } from "../../ui/empty.tsx"
import { Field } from "../../ui/field.tsx"
import { Icon } from "../../ui/icon.tsx"
import { saveText } from "../../ui/save.ts"
import { visibleLine } from "../../ui/visible-text.ts"
import { ReportView, toWrite } from "./report.tsx"
import { bring, checkNow, forgetReport, type ImportChoice, importNow, readFolder, useBundles } from "./state.ts"

const words = strings.bundles.import

export function ImportPart() {
  const { folder, report, busy, failure } = useBundles()
  const readOnly = useStoreStatus(({ status }) => status?.readOnly ?? false)
  const [name, setName] = useState<string | null>(null)
  const [trustRoot, setTrustRoot] = useState("")
  const [pending, setPending] = useState(false)
  const [confirming, setConfirming] = useState(false)
  const typed = trustRoot.replace(/\s/g, "").toLowerCase()
  const sound = typed === "" || /^[0-9a-f]{64}$/.test(typed)
  const choice: ImportChoice | null = name === null || !sound ? null : { name, trustRoot: typed, pending }
  const current = report !== null && report.name === name ? report.answer : null
  const change = (act: () => void) => {
    act()
    forgetReport()
  }
  const onDrop = (event: DragEvent) => {
    event.preventDefault()
    const [file] = event.dataTransfer.files
    if (file !== undefined) void bring(file)
  }
  const locked = failure?.code === "keys-locked"
  return (
    <section
      aria-label={strings.bundles.parts.import}
      className="flex flex-col gap-4 p-4"
      onDragOver={event => event.preventDefault()}
      onDrop={onDrop}
    >
      <fieldset className="flex max-w-3xl flex-col gap-2">
        <legend className="font-medium">{words.choose}</legend>
        {folder.state === "failed" && <FailureNote failure={folder.failure} again={readFolder} />}
        {folder.state === "loading" && <Waiting text={strings.bundles.history.loading} />}
        {folder.state === "done" && (
          <>
            <div role="radiogroup" aria-label={words.list} className="flex max-h-60 flex-col overflow-y-auto">
              {folder.answer.files.map(file => (
                <label key={file.name} className="flex items-center gap-2 py-0.5">
                  <input type="radio" name="bundle" checked={name === file.name} onChange={() => change(() => setName(file.name))} />
                  <span className="min-w-0 truncate">{visibleLine(file.name)}</span>
                  <span className="text-xs text-muted tabular-nums">
                    {file.bytes === null ? words.directory : strings.units.bytes(file.bytes)}, {strings.units.date(file.modifiedMs)}
                  </span>
                </label>
              ))}
              {folder.answer.files.length === 0 && <p className="text-muted">{words.none}</p>}
            </div>
            <p className="text-xs text-muted">{words.folder(folder.answer.folder)}</p>
            <Bring busy={busy} />
          </>
        )}
      </fieldset>
      <Field
        className="max-w-3xl"
        label={words.trustRoot}
        mono
        value={trustRoot}
        onChange={text => change(() => setTrustRoot(text))}
        note={words.trustRootHelp}
        error={sound ? undefined : words.fingerprintProblem}
      />
      <label className="flex items-center gap-2">
        <input type="checkbox" checked={pending} onChange={event => change(() => setPending(event.target.checked))} />
        {words.pending}
      </label>
      <div className="flex flex-wrap items-center gap-2">
        <Button icon="check" disabled={choice === null || busy} onClick={() => choice !== null && void checkNow(choice)}>
          {words.check}
        </Button>
        {current !== null && (
          <>
            <Button icon="out" onClick={() => saveText(words.file, `${JSON.stringify(current, null, 2)}\n`, "application/json")}>
              {words.save}
            </Button>
            {!readOnly && !current.written && (
              <Button kind="main" icon="in" disabled={busy} onClick={() => setConfirming(true)}>
                {words.act}
              </Button>
            )}
          </>
        )}
        {readOnly && <span className="text-muted">{words.readOnly}</span>}
      </div>
      {locked && choice !== null && <Unlock why={words.locked} onUnlocked={() => void importNow(choice)} />}
      {failure !== null && !locked && <FailureNote failure={failure} />}
      {current !== null && <ReportView report={current} pending={pending} />}
      {confirming && choice !== null && current !== null && (
        <Confirm
          count={toWrite(current, pending).length}
          onClose={() => setConfirming(false)}
          onImport={() => {
            setConfirming(false)
            void importNow(choice)
          }}
        />
      )}
    </section>
  )
}

function Bring({ busy }: { readonly busy: boolean }) {
  return (
    <label className="flex w-fit items-center gap-2 rounded-md border border-dashed border-line-strong px-3 py-2">
      <Icon name="in" className="text-muted" />
      <span>{words.bring}</span>
      <input
        type="file"
        accept=".tar"
        disabled={busy}
        className="max-w-60 text-xs"
        onChange={event => {
          const [file] = event.target.files ?? []
          if (file !== undefined) void bring(file)
          event.target.value = ""
        }}
      />
      <span className="text-xs text-muted">{words.drop}</span>
    </label>
  )
}

function Confirm({ count, onClose, onImport }: { readonly count: number; readonly onClose: () => void; readonly onImport: () => void }) {
  const cancel = useRef<HTMLButtonElement>(null)
  return (
    <Dialog open onClose={onClose} title={words.confirmTitle} closeLabel={strings.settings.close} initialFocus={cancel}>
      <div className="flex flex-col gap-2 p-4">
        <p className="font-medium">{count === 0 ? words.nothing : words.willWrite(count)}</p>
        <p className="text-muted">{words.confirm}</p>
      </div>
      <footer className="flex justify-end gap-2 border-t border-line p-3">
        <Button ref={cancel} onClick={onClose}>
          {words.cancel}
        </Button>
        <Button kind="main" onClick={onImport}>
          {words.confirmAct}
        </Button>
      </footer>
    </Dialog>
  )
}
