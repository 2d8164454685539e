/** The trust policy: what is in force, an editor for it, and what a change would do before anybody signs it. */
import { useCallback, useEffect, useState } from "react"
import type { AnswerOf } from "../../../shared/engine-contract.ts"
import { presetPolicy } from "../../../shared/policy-presets.ts"
import type { Preset, TrustPolicy, ViewedProperty } from "../../../shared/trust.ts"
import { engine } from "../../engine.ts"
import { DigestChip } from "../../parts/digest-chip.tsx"
import { strings } from "../../strings.ts"
import { Button } from "../../ui/button.tsx"
import { Field, inputClass } from "../../ui/field.tsx"
import { Select } from "../../ui/select.tsx"
import { visibleLine } from "../../ui/visible-text.ts"
import { Confirm } from "./confirm.tsx"

const words = strings.keys.policy
const presets = Object.keys(words.presets) as Preset[]
const viewed = Object.keys(words.viewedNames) as ViewedProperty[]

export function PolicyPart({ answer, readOnly }: { readonly answer: AnswerOf<"policy">; readonly readOnly: boolean }) {
  const [draft, setDraft] = useState<TrustPolicy>(answer.policy)
  const [confirming, setConfirming] = useState(false)
  useEffect(() => setDraft(answer.policy), [answer.policy])
  const changed = JSON.stringify(draft) !== JSON.stringify(answer.policy)
  const preview = useCallback(
    async (signal: AbortSignal) => ({ changes: (await engine.setPolicy({ policy: mutable(draft), preview: true }, { signal })).changes }),
    [draft]
  )
  return (
    <div className="flex max-w-4xl flex-col gap-4 p-4">
      <p className="flex flex-wrap items-center gap-x-4">
        <span className="font-medium">
          {words.inForce}: {words.presets[answer.policy.preset]}
        </span>
        <DigestChip name={strings.verdict.underPolicy} digest={answer.digest} />
      </p>
      {!answer.believed && (
        <p role="alert" className="text-untrusted">
          {words.notBelieved} {visibleLine(answer.why)}
        </p>
      )}
      <Editor draft={draft} change={setDraft} disabled={readOnly} />
      <div className="flex items-center gap-2">
        <Button kind="main" disabled={!changed || readOnly} onClick={() => setConfirming(true)}>
          {words.preview}
        </Button>
        {changed ? (
          <Button kind="plain" onClick={() => setDraft(answer.policy)}>
            {words.reset}
          </Button>
        ) : (
          <span className="text-muted">{readOnly ? strings.keys.readOnly : words.unchanged}</span>
        )}
      </div>
      {confirming && (
        <Confirm
          title={words.title}
          explain={words.explain}
          act={words.act}
          done={words.done}
          onClose={() => setConfirming(false)}
          preview={preview}
          make={() => engine.setPolicy({ policy: mutable(draft) })}
        />
      )}
    </div>
  )
}

function mutable({ viewed: asked, capabilities, runtimes, ...rest }: TrustPolicy) {
  return { ...rest, viewed: [...asked], capabilities: capabilities && [...capabilities], runtimes: runtimes && [...runtimes] }
}

function Editor({
  draft,
  change,
  disabled
}: {
  readonly draft: TrustPolicy
  readonly change: (policy: TrustPolicy) => void
  readonly disabled: boolean
}) {
  const { fields } = words
  return (
    <fieldset disabled={disabled} className="flex flex-col gap-4">
      <legend className="sr-only">{words.title}</legend>
      <div className="flex flex-col gap-1">
        <Select
          label={words.preset}
          className="w-56"
          value={draft.preset}
          onChange={preset => change(presetPolicy(preset, draft.runtimes ?? []))}
          options={presets.map(value => ({ value, label: `${words.preset}: ${words.presets[value]}` }))}
        />
        <p className={draft.preset === "automatic" ? "text-pending" : "text-muted"}>{words.presetMeaning[draft.preset]}</p>
      </div>
      <div className="grid gap-3 sm:grid-cols-2">
        <Count label={fields.reviewers} max={16} value={draft.reviewers} onChange={reviewers => change({ ...draft, reviewers })} />
        <Count
          label={fields.expiredRootDays}
          max={365}
          value={draft.expiredRootDays}
          onChange={expiredRootDays => change({ ...draft, expiredRootDays })}
        />
      </div>
      {(["automatic", "reviewerMayBePublisher", "demandConsistency"] as const).map(name => (
        <label key={name} className="flex items-center gap-2">
          <input type="checkbox" checked={draft[name]} onChange={event => change({ ...draft, [name]: event.target.checked })} />
          {fields[name]}
        </label>
      ))}
      <fieldset className="flex flex-col gap-1">
        <legend className="text-xs text-muted">{fields.viewed}</legend>
        {viewed.map(property => (
          <label key={property} className="flex items-center gap-2">
            <input
              type="checkbox"
              checked={draft.viewed.includes(property)}
              onChange={event =>
                change({ ...draft, viewed: viewed.filter(one => (one === property ? event.target.checked : draft.viewed.includes(one))) })
              }
            />
            {words.viewedNames[property]}
          </label>
        ))}
      </fieldset>
      <Listed
        name={fields.capabilities}
        any={fields.anyCapability}
        listed={fields.listedCapabilities}
        value={draft.capabilities}
        onChange={capabilities => change({ ...draft, capabilities: capabilities && [...capabilities] })}
      />
      <Listed
        name={fields.runtimes}
        any={fields.anyRuntime}
        listed={fields.listedRuntimes}
        value={draft.runtimes}
        onChange={runtimes => change({ ...draft, runtimes: runtimes && ([...runtimes] as NonNullable<TrustPolicy["runtimes"]>) })}
      />
    </fieldset>
  )
}

function Count({
  label,
  max,
  value,
  onChange
}: {
  readonly label: string
  readonly max: number
  readonly value: number
  readonly onChange: (value: number) => void
}) {
  return (
    <Field
      label={label}
      inputMode="numeric"
      type="number"
      min={0}
      max={max}
      value={String(value)}
      onChange={text => {
        const number = Number(text)
        if (Number.isInteger(number) && number >= 0 && number <= max) onChange(number)
      }}
    />
  )
}

function Listed({
  name,
  any,
  listed,
  value,
  onChange
}: {
  readonly name: string
  readonly any: string
  readonly listed: string
  readonly value: readonly string[] | null
  readonly onChange: (value: readonly string[] | null) => void
}) {
  const [text, setText] = useState(() => (value ?? []).join("\n"))
  const linesIn = (lines: string) =>
    lines
      .split("\n")
      .map(line => line.trim())
      .filter(line => line !== "")
  return (
    <fieldset className="flex flex-col gap-1">
      <legend className="text-xs text-muted">{name}</legend>
      <label className="flex items-center gap-2">
        <input type="radio" checked={value === null} onChange={() => onChange(null)} />
        {any}
      </label>
      <label className="flex items-center gap-2">
        <input type="radio" checked={value !== null} onChange={() => onChange(linesIn(text))} />
        {listed}
      </label>
      {value !== null && (
        <textarea
          aria-label={`${name}: ${listed}`}
          rows={3}
          value={text}
          spellCheck={false}
          onChange={event => {
            setText(event.target.value)
            onChange(linesIn(event.target.value))
          }}
          className={`${inputClass} py-1 font-mono`}
        />
      )}
    </fieldset>
  )
}
