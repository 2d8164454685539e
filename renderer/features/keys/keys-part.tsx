/** The keys of this machine: which are open, what protects them, and the acts on each, previewed before they are signed. */
import { useCallback, useState } from "react"
import type { AnswerOf } from "../../../shared/engine-contract.ts"
import type { EngineFailure } from "../../../shared/failure.ts"
import type { KeySummary } from "../../../shared/trust.ts"
import { engine } from "../../engine.ts"
import { DigestChip } from "../../parts/digest-chip.tsx"
import { FailureNote } from "../../parts/failure-note.tsx"
import { Unlock } from "../../parts/unlock.tsx"
import { strings } from "../../strings.ts"
import { Button } from "../../ui/button.tsx"
import { Empty } from "../../ui/empty.tsx"
import { Field } from "../../ui/field.tsx"
import { Icon } from "../../ui/icon.tsx"
import { announce } from "../../ui/live.tsx"
import { Menu, MenuItem } from "../../ui/menu.tsx"
import { saveText } from "../../ui/save.ts"
import { TableHead } from "../../ui/table-head.tsx"
import { visibleLine } from "../../ui/visible-text.ts"
import { Confirm } from "./confirm.tsx"
import { CreateKey, ImportKey, NewKeyPassphrase } from "./new-key.tsx"
import { readTrust } from "./state.ts"

const words = strings.keys.keys

type Act = { readonly kind: "create" | "import" } | { readonly kind: "rotate" | "retire" | "enrol"; readonly key: KeySummary }

export function KeysPart({ answer, readOnly }: { readonly answer: AnswerOf<"keys">; readonly readOnly: boolean }) {
  const { keys, refused, vault } = answer
  const [act, setAct] = useState<Act | null>(null)
  const [failure, setFailure] = useState<EngineFailure | null>(null)
  const locked = keys.filter(key => !key.unlocked && !key.retired)
  const unprotected = keys.filter(key => key.slots.includes("none") && !key.retired)
  const closable = keys.some(key => key.unlocked && !key.slots.includes("none"))
  const lock = () =>
    void engine.lock({}).then(({ locked: closed }) => {
      announce(words.lockedNow(closed.length))
      readTrust()
    }, setFailure)
  return (
    <div className="flex flex-col gap-4 p-4">
      <div className="flex flex-wrap items-start gap-2">
        <p className="min-w-60 grow text-muted">{words.explain}</p>
        {closable && (
          <Button icon="lock" onClick={lock}>
            {words.lock}
          </Button>
        )}
        <Button icon="in" onClick={() => setAct({ kind: "import" })}>
          {words.import}
        </Button>
        <Button icon="plus" onClick={() => setAct({ kind: "create" })}>
          {words.create}
        </Button>
      </div>
      {failure !== null && <FailureNote failure={failure} />}
      {locked.length > 0 && <Unlock why={words.unlockWhy(locked.length)} onUnlocked={readTrust} />}
      {unprotected.length > 0 && <Protect count={unprotected.length} />}
      {vault === null ? (
        <Vault kept={keys.some(({ slots }) => slots.includes("os"))} />
      ) : (
        <p className="text-xs text-muted">{`${words.vault.none} ${visibleLine(vault)}`}</p>
      )}
      {keys.length === 0 ? (
        <Empty icon="key" title={words.none} />
      ) : (
        <Keys keys={keys} readOnly={readOnly} act={setAct} fail={setFailure} />
      )}
      {refused.length > 0 && (
        <section>
          <h2 className="text-xs text-muted">{words.refused}</h2>
          <ul>
            {refused.map(({ file, reason }) => (
              <li key={file} className="break-words text-pending">
                {visibleLine(file)}: {visibleLine(reason)}
              </li>
            ))}
          </ul>
        </section>
      )}
      {act?.kind === "create" && <CreateKey onClose={() => setAct(null)} />}
      {act?.kind === "import" && <ImportKey onClose={() => setAct(null)} />}
      {act !== null && "key" in act && <ActOnKey kind={act.kind} of={act.key} onClose={() => setAct(null)} />}
    </div>
  )
}

function Keys({
  keys,
  readOnly,
  act,
  fail
}: {
  readonly keys: readonly KeySummary[]
  readonly readOnly: boolean
  readonly act: (act: Act) => void
  readonly fail: (failure: EngineFailure) => void
}) {
  const save = (key: KeySummary, form: "document" | "pem") =>
    void engine.exportKey({ key: key.id }).then(({ document, pem }) => {
      if (form === "pem") saveText(`${key.id.slice(0, 12)}.pem`, pem)
      else saveText(`${key.id.slice(0, 12)}.public.json`, `${JSON.stringify(document, null, 2)}\n`, "application/json")
    }, fail)
  return (
    <div className="overflow-x-auto rounded-lg border border-line bg-surface">
      <table aria-label={words.list} className="w-full text-left">
        <TableHead names={[words.purpose, words.name, words.owner, words.keyId, words.protection, words.state]} actions={words.actions} />
        <tbody>
          {keys.map(key => (
            <tr key={key.id} className={`border-t border-line ${key.retired ? "text-muted" : ""}`}>
              <td className="px-3 py-1.5" title={words.purposeMeaning[key.purpose]}>
                {words.purposes[key.purpose]}
              </td>
              <td className="px-3 py-1.5">{visibleLine(key.name)}</td>
              <td className="px-3 py-1.5">{visibleLine(key.owner)}</td>
              <td className="px-3 py-1.5 whitespace-nowrap">
                <DigestChip name={words.keyId} digest={key.id} />
              </td>
              <td className={`px-3 py-1.5 ${key.slots.includes("none") ? "text-pending" : ""}`}>
                {key.slots.map(slot => words.slots[slot]).join(", ")}
              </td>
              <td className="px-3 py-1.5 whitespace-nowrap">
                <span className="flex items-center gap-1.5">
                  <Icon name={key.retired ? "dash" : key.unlocked ? "key" : "lock"} className="size-3.5! text-muted" />
                  {key.retired ? words.states.retired : key.unlocked ? words.states.unlocked : words.states.locked}
                </span>
              </td>
              <td className="px-1 py-1 text-right">
                <Menu label={words.actionsFor(visibleLine(key.name))} icon="chevron">
                  <MenuItem onSelect={() => save(key, "document")}>{words.export}</MenuItem>
                  <MenuItem onSelect={() => save(key, "pem")}>{words.pem}</MenuItem>
                  {!key.retired && !readOnly && (
                    <>
                      <MenuItem onSelect={() => act({ kind: "enrol", key })}>{words.enrol}</MenuItem>
                      <MenuItem onSelect={() => act({ kind: "rotate", key })}>{words.rotate}</MenuItem>
                      <MenuItem onSelect={() => act({ kind: "retire", key })}>{words.retire}</MenuItem>
                    </>
                  )}
                </Menu>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function ActOnKey({
  kind,
  of: key,
  onClose
}: {
  readonly kind: "rotate" | "retire" | "enrol"
  readonly of: KeySummary
  readonly onClose: () => void
}) {
  const [passphrase, setPassphrase] = useState("")
  const preview = useCallback(
    (signal: AbortSignal) =>
      kind === "rotate"
        ? engine.rotateKey({ key: key.id, preview: true }, { signal })
        : kind === "retire"
          ? engine.retireKey({ key: key.id, preview: true }, { signal })
          : engine.enrolKey({ key: key.id, preview: true }, { signal }),
    [kind, key.id]
  )
  const make = () =>
    kind === "rotate"
      ? engine.rotateKey({ key: key.id, ...(passphrase === "" ? {} : { passphrase }) })
      : kind === "retire"
        ? engine.retireKey({ key: key.id })
        : engine.enrolKey({ key: key.id })
  const texts = {
    rotate: { title: words.rotateTitle, explain: words.rotateExplain, act: words.rotateAct },
    retire: { title: words.retireTitle, explain: words.retireExplain, act: words.retireAct },
    enrol: { title: words.enrolTitle, explain: words.enrolExplain, act: words.enrolAct }
  }[kind]
  return (
    <Confirm {...texts} done={words.done} onClose={onClose} preview={preview} make={make}>
      <p className="flex flex-wrap items-center gap-x-4">
        <span className="font-medium">{visibleLine(key.name)}</span>
        <DigestChip name={words.keyId} digest={key.id} />
      </p>
      {kind === "rotate" && <NewKeyPassphrase value={passphrase} onChange={setPassphrase} />}
    </Confirm>
  )
}

/** Keys this computer's login opens, beside their passphrase; offered where its store really protects. */
function Vault({ kept }: { readonly kept: boolean }) {
  const [passphrase, setPassphrase] = useState("")
  const [failure, setFailure] = useState<EngineFailure | null>(null)
  const change = (work: Promise<unknown>) => {
    setFailure(null)
    setPassphrase("")
    void work.then(() => {
      announce(words.done)
      readTrust()
    }, setFailure)
  }
  return (
    <form
      className="flex flex-col gap-2 rounded-lg border border-line bg-surface p-3"
      onSubmit={event => {
        event.preventDefault()
        if (passphrase !== "") change(engine.keepKeys({ passphrase }))
      }}
    >
      <p className="text-muted">{words.vault.why}</p>
      <div className="flex flex-wrap items-end gap-2">
        <Field
          className="w-56"
          label={strings.unlock.passphrase}
          type="password"
          autoComplete="current-password"
          value={passphrase}
          onChange={setPassphrase}
        />
        <Button type="submit" disabled={passphrase === ""}>
          {words.vault.keep}
        </Button>
        {kept && (
          <Button kind="plain" onClick={() => change(engine.forgetKeys({}))}>
            {words.vault.forget}
          </Button>
        )}
      </div>
      {failure !== null && <FailureNote failure={failure} />}
    </form>
  )
}

function Protect({ count }: { readonly count: number }) {
  const [passphrase, setPassphrase] = useState("")
  const [again, setAgain] = useState("")
  const [failure, setFailure] = useState<EngineFailure | null>(null)
  const differ = again !== "" && again !== passphrase
  const protect = async () => {
    try {
      await engine.protectKeys({ passphrase })
      announce(words.done)
      readTrust()
    } catch (error) {
      setFailure(error as EngineFailure)
    } finally {
      setPassphrase("")
      setAgain("")
    }
  }
  return (
    <form
      className="flex flex-col gap-2 rounded-lg border border-line bg-pending-ground p-3"
      onSubmit={event => {
        event.preventDefault()
        if (passphrase !== "" && passphrase === again) void protect()
      }}
    >
      <p className="text-pending">{words.protect.why(count)}</p>
      <div className="flex flex-wrap items-start gap-2">
        <Field
          className="w-56"
          label={words.protect.passphrase}
          type="password"
          autoComplete="new-password"
          value={passphrase}
          onChange={setPassphrase}
        />
        <Field
          className="w-56"
          label={words.protect.again}
          type="password"
          autoComplete="new-password"
          value={again}
          onChange={setAgain}
          error={differ ? words.protect.differ : undefined}
        />
        <Button kind="main" type="submit" className="mt-5" disabled={passphrase === "" || passphrase !== again}>
          {words.protect.act}
        </Button>
      </div>
      {failure !== null && <FailureNote failure={failure} />}
    </form>
  )
}
