/** Roots: who may sign for what in this store, and whose word from elsewhere counts. */
import { useState } from "react"
import type { AnswerOf } from "../../../shared/engine-contract.ts"
import type { EngineFailure } from "../../../shared/failure.ts"
import type { Role, TrustRoot } from "../../../shared/trust.ts"
import { engine } from "../../engine.ts"
import { Code } from "../../parts/code.tsx"
import { DigestChip } from "../../parts/digest-chip.tsx"
import { FailureNote } from "../../parts/failure-note.tsx"
import { strings } from "../../strings.ts"
import { Button } from "../../ui/button.tsx"
import { CopyIcon } from "../../ui/copy.tsx"
import { Empty } from "../../ui/empty.tsx"
import { Field } from "../../ui/field.tsx"
import { FileField } from "../../ui/file-field.tsx"
import { saveText } from "../../ui/save.ts"
import { TableHead } from "../../ui/table-head.tsx"
import { visibleLine } from "../../ui/visible-text.ts"
import { Confirm } from "./confirm.tsx"
import { documentIn, pretty } from "./signed-document.ts"

const words = strings.keys.roots
const fileBytesMax = 1_048_576
const roles: readonly Role[] = ["root", "authority", "publisher", "reviewer"]

type Own = NonNullable<AnswerOf<"root">["own"]>

export function RootsPart({ answer, readOnly }: { readonly answer: AnswerOf<"root">; readonly readOnly: boolean }) {
  const [confirming, setConfirming] = useState(false)
  const [failure, setFailure] = useState<EngineFailure | null>(null)
  const save = () =>
    void engine.exportRoot({}).then(
      ({ file }) => saveText(words.file, file, "application/json"),
      (error: unknown) => setFailure(error as EngineFailure)
    )
  return (
    <div className="flex flex-col gap-5 p-4">
      {failure !== null && <FailureNote failure={failure} />}
      {answer.own === null ? <Empty icon="root" title={words.none} /> : <OwnRoot own={answer.own} save={save} />}
      <section className="flex flex-col gap-2">
        <div className="flex items-center gap-3">
          <h2 className="font-medium">{words.foreign}</h2>
          {!readOnly && (
            <Button icon="in" onClick={() => setConfirming(true)}>
              {words.confirm}
            </Button>
          )}
        </div>
        {answer.foreign.length === 0 ? (
          <p className="text-muted">{words.noForeign}</p>
        ) : (
          answer.foreign.map(root => (
            <details key={root.id} className="rounded-lg border border-line bg-surface">
              <summary className="flex flex-wrap items-center gap-x-4 px-3 py-2">
                <DigestChip name={words.id} digest={root.id} />
                <span>
                  {words.version} {root.version}
                </span>
                <span className="text-muted">
                  {words.expires} {root.expires.slice(0, 10)}
                </span>
              </summary>
              <div className="border-t border-line p-3">
                <Roles document={root.document} />
              </div>
            </details>
          ))
        )}
      </section>
      {confirming && <ConfirmRoot onClose={() => setConfirming(false)} />}
    </div>
  )
}

function OwnRoot({ own, save }: { readonly own: Own; readonly save: () => void }) {
  return (
    <section className="flex flex-col gap-3">
      <div className="flex items-center gap-3">
        <h2 className="font-medium">{words.own}</h2>
        <Button icon="out" onClick={save}>
          {words.save}
        </Button>
      </div>
      <dl className="grid max-w-4xl grid-cols-[12rem_1fr] gap-x-4 gap-y-2">
        <dt className="text-muted">{words.id}</dt>
        <dd className="flex min-w-0 items-start gap-1">
          <code className="break-all">{own.id}</code>
          <CopyIcon text={own.id} what={words.id} />
        </dd>
        <dt className="text-muted">{words.version}</dt>
        <dd>{own.version}</dd>
        <dt className="text-muted">{words.expires}</dt>
        <dd>{own.expires.slice(0, 10)}</dd>
        <dt className="text-muted">{words.fingerprints}</dt>
        <dd className="flex flex-col">
          {own.fingerprints.map((fingerprint, at) => (
            <code key={fingerprint} className="break-all">
              {at + 1}: {fingerprint}
            </code>
          ))}
        </dd>
      </dl>
      <Roles document={own.document} />
      <details>
        <summary>{words.document}</summary>
        <div className="flex h-80 flex-col rounded-lg border border-line bg-surface">
          <Code text={pretty(own.document)} label={words.document} language="json" />
        </div>
      </details>
    </section>
  )
}

function Roles({ document }: { readonly document: string }) {
  const root = rootIn(document)
  if (root === null) return null
  return (
    <>
      <table aria-label={words.roles} className="w-full max-w-4xl rounded-lg border border-line bg-surface text-left">
        <TableHead names={[words.role, words.threshold, words.keys]} />
        <tbody>
          {roles.map(role => {
            const { keyids, threshold } = root.roles[role]
            return (
              <tr key={role} className="border-t border-line align-top">
                <td className="px-3 py-1.5">{strings.keys.keys.purposes[role]}</td>
                <td className="px-3 py-1.5 whitespace-nowrap">{words.thresholdOf(threshold, keyids.length)}</td>
                <td className="px-3 py-1.5">
                  <ul>
                    {keyids.map(id => (
                      <li key={id} className="flex flex-wrap items-center gap-x-3">
                        <span>
                          {visibleLine(root.keys[id]?.name ?? "?")}, {visibleLine(root.keys[id]?.owner ?? "?")}
                        </span>
                        <DigestChip name={strings.keys.keys.keyId} digest={id} />
                      </li>
                    ))}
                  </ul>
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
      <section>
        <h3 className="text-xs text-muted">{words.ledgers}</h3>
        <ul>
          {root.ledgers.map(({ origin, closedAt }) => (
            <li key={origin} className="break-all">
              {visibleLine(origin)} {closedAt !== undefined && <span className="text-muted">{words.closed(closedAt.size)}</span>}
            </li>
          ))}
        </ul>
      </section>
    </>
  )
}

function ConfirmRoot({ onClose }: { readonly onClose: () => void }) {
  const [file, setFile] = useState<string | null>(null)
  const [problem, setProblem] = useState<string | undefined>(undefined)
  const [fingerprint, setFingerprint] = useState("")
  const typed = fingerprint.replace(/\s/g, "").toLowerCase()
  return (
    <Confirm
      title={words.confirmTitle}
      explain={words.confirmExplain}
      act={words.confirmAct}
      done={words.confirmed}
      onClose={onClose}
      preview={null}
      make={() => engine.confirmRoot({ fingerprint: typed, file: file ?? "" })}
      ready={file !== null && /^[0-9a-f]{64}$/.test(typed)}
    >
      <FileField
        label={words.confirmFile}
        max={fileBytesMax}
        tooLarge={strings.fileTooLarge(fileBytesMax)}
        error={problem}
        onText={text => {
          setProblem(undefined)
          setFile(text)
        }}
        onProblem={setProblem}
      />
      <Field label={words.confirmFingerprint} mono value={fingerprint} onChange={setFingerprint} />
    </Confirm>
  )
}

/** The root in a document. What cannot be read is shown as text only. */
function rootIn(document: string): TrustRoot | null {
  const root = documentIn(document)
  return root !== null && typeof root === "object" && "roles" in root && "keys" in root && "ledgers" in root ? (root as TrustRoot) : null
}
