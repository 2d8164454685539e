/** One file for whoever helps: what is open, how it is, and what failed; no key, no Source, no words of requests. */
import { useState } from "react"
import type { EngineFailure } from "../../../shared/failure.ts"
import { engine } from "../../engine.ts"
import { FailureNote } from "../../parts/failure-note.tsx"
import { startWork, useWork } from "../../parts/work.ts"
import { strings } from "../../strings.ts"
import { Button } from "../../ui/button.tsx"
import { saveText } from "../../ui/save.ts"

const words = strings.settingsScreen.diagnostics

export function DiagnosticsPart() {
  const { works } = useWork()
  const [failure, setFailure] = useState<EngineFailure | null>(null)
  const collect = async () => {
    setFailure(null)
    try {
      const found = await startWork(
        words.working,
        "audit",
        signal => gather(signal),
        () => words.collected
      )
      const failures = works.flatMap(({ verb, failure: failed }) => (failed === null ? [] : [{ verb, code: failed.code }]))
      saveText(words.file, `${JSON.stringify({ ...found, failures }, null, 2)}\n`, "application/json")
    } catch (error) {
      if ((error as EngineFailure).code !== "cancelled") setFailure(error as EngineFailure)
    }
  }
  return (
    <div className="flex max-w-3xl flex-col gap-3">
      <p className="text-muted">{words.explain}</p>
      <div>
        <Button kind="main" icon="out" onClick={() => void collect()}>
          {words.export}
        </Button>
      </div>
      {failure !== null && <FailureNote failure={failure} />}
    </div>
  )
}

async function gather(signal: AbortSignal) {
  const [status, usage, settings, audit] = await Promise.all([
    engine.status({}, { signal }),
    engine.usage({}, { signal }),
    engine.settings({}, { signal }),
    engine.audit({}, { signal })
  ])
  const { mostUsed: _, ...counts } = usage
  return {
    at: new Date().toISOString(),
    window: { agent: navigator.userAgent, language: navigator.language, width: innerWidth, height: innerHeight },
    status,
    usage: counts,
    settings: settings.settings,
    audit: { checked: audit.checked, findings: audit.findings.map(({ code, repaired, harmless }) => ({ code, repaired, harmless })) }
  }
}
