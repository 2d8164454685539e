/** The Attestation inspector: the decoded Statement, the raw envelope and the key behind it. */
import { useState } from "react"
import type { AttestationView } from "../../../shared/engine-contract.ts"
import { Code } from "../../parts/code.tsx"
import { DigestChip } from "../../parts/digest-chip.tsx"
import { strings } from "../../strings.ts"
import { CopyIcon } from "../../ui/copy.tsx"
import { Empty } from "../../ui/empty.tsx"
import { Icon } from "../../ui/icon.tsx"
import { Tabs } from "../../ui/tabs.tsx"
import { visibleLine, visibleText } from "../../ui/visible-text.ts"

interface AttestationsTabProps {
  readonly attestations: readonly AttestationView[]
  readonly chosen: string | null
  readonly onChoose: (digest: string) => void
}

export function AttestationsTab({ attestations, chosen, onChoose }: AttestationsTabProps) {
  const shown = attestations.find(attestation => attestation.digest === chosen) ?? attestations[0]
  if (shown === undefined) return <Empty title={strings.attestations.list} text={strings.attestations.none} />
  return (
    <div className="flex min-h-0 flex-1 max-md:flex-col">
      <nav
        aria-label={strings.attestations.list}
        className="w-64 shrink-0 overflow-y-auto border-line max-md:max-h-40 max-md:w-full max-md:border-b md:border-r"
      >
        <ul>
          {attestations.map(attestation => (
            <li key={attestation.digest}>
              <button
                type="button"
                aria-current={attestation === shown ? "true" : undefined}
                onClick={() => onChoose(attestation.digest)}
                className="flex w-full gap-2 border-b border-line px-4 py-2 text-left outline-offset-[-2px] hover:bg-sunken aria-[current]:bg-accent-ground"
              >
                <Icon
                  name={attestation.ignored === null ? "check" : "dash"}
                  className={`mt-0.5 ${attestation.ignored === null ? "text-trusted" : "text-muted"}`}
                />
                <span className="min-w-0">
                  <span className="block font-medium">{kindOf(attestation)}</span>
                  <span className="block truncate text-xs text-muted">
                    {attestation.ignored === null ? signerOf(attestation) : strings.attestations.ignored}
                  </span>
                </span>
              </button>
            </li>
          ))}
        </ul>
      </nav>
      <Inspector key={shown.digest} attestation={shown} />
    </div>
  )
}

type Part = "statement" | "envelope" | "key"

function Inspector({ attestation }: { readonly attestation: AttestationView }) {
  const [part, setPart] = useState<Part>("statement")
  const parts: readonly Part[] = ["statement", "envelope", "key"]
  const text = part === "statement" ? indented(attestation.statement) : attestation.envelope
  return (
    <div className="flex min-h-0 min-w-0 flex-1 flex-col bg-surface">
      <div className="flex flex-wrap items-center gap-x-4 px-4 py-2">
        <span className="font-medium">{kindOf(attestation)}</span>
        <span className="text-muted">
          {strings.attestations.by} {signerOf(attestation)}
        </span>
        <DigestChip name={strings.attestations.one} digest={attestation.digest} />
        {attestation.ignored !== null && (
          <span className="text-xs text-pending">
            {strings.attestations.ignoredBecause} {visibleLine(attestation.ignored)}
          </span>
        )}
      </div>
      <Tabs
        label={kindOf(attestation)}
        value={part}
        onChange={setPart}
        tabs={parts.map(value => ({ value, label: strings.attestations[value] }))}
      >
        {part === "key" ? (
          <Key attestation={attestation} />
        ) : (
          <div className="relative flex min-h-40 flex-1 flex-col">
            <span className="absolute top-1 right-3 z-10">
              <CopyIcon text={part === "statement" ? attestation.statement : attestation.envelope} what={strings.attestations[part]} />
            </span>
            <Code text={text} label={strings.attestations[part]} language="json" />
          </div>
        )}
      </Tabs>
    </div>
  )
}

function Key({ attestation }: { readonly attestation: AttestationView }) {
  const rows = [
    [strings.attestations.keyName, attestation.keyName ?? strings.attestations.unknownKey],
    [strings.attestations.owner, attestation.owner ?? "–"],
    [strings.attestations.predicate, attestation.predicateType],
    [strings.attestations.sequence, String(attestation.sequence)]
  ] as const
  return (
    <dl className="grid grid-cols-[8rem_1fr] gap-x-4 gap-y-2 p-4">
      <dt className="text-muted">{strings.attestations.keyId}</dt>
      <dd className="flex items-start gap-1">
        <code className="min-w-0 break-all">{fingerprint(attestation.keyId)}</code>
        <CopyIcon text={attestation.keyId} what={strings.attestations.keyId} />
      </dd>
      {rows.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-muted">{name}</dt>
          <dd className="min-w-0 break-words">{visibleText(value)}</dd>
        </div>
      ))}
    </dl>
  )
}

function kindOf(attestation: AttestationView): string {
  return strings.attestations.kinds[attestation.predicateType] ?? visibleLine(attestation.predicateType)
}

function signerOf(attestation: AttestationView): string {
  const name = attestation.keyName ?? strings.attestations.unknownKey
  return visibleLine(attestation.owner === undefined || name.includes(attestation.owner) ? name : `${name}, ${attestation.owner}`)
}

/** Groups of four digits, as people compare them aloud. */
function fingerprint(keyId: string): string {
  return visibleLine(keyId).replace(/(.{4})(?=.)/g, "$1 ")
}

function indented(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2)
  } catch {
    return json
  }
}
