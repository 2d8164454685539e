/** What went wrong, what was expected and what to do; code and details can be copied. */
import type { EngineFailure } from "../../shared/failure.ts"
import { strings } from "../strings.ts"
import { Button } from "../ui/button.tsx"
import { CopyButton } from "../ui/copy.tsx"
import { Icon } from "../ui/icon.tsx"
import { visibleText } from "../ui/visible-text.ts"

export function FailureNote({ failure, again }: { readonly failure: EngineFailure; readonly again?: () => void }) {
  const hint = strings.failure.hint[failure.code]
  const details = JSON.stringify({ code: failure.code, message: failure.message, details: failure.details }, null, 2)
  return (
    <div role="alert" className="m-4 flex max-w-2xl gap-3 rounded-lg border border-line bg-surface p-4">
      <Icon name="warning" className="mt-0.5 text-untrusted" />
      <div className="flex min-w-0 flex-col gap-2">
        <p className="font-medium">{strings.failure.title}</p>
        <p className="break-words whitespace-pre-wrap">{visibleText(failure.message)}</p>
        {hint !== undefined && <p className="text-muted">{hint}</p>}
        <p className="text-xs text-muted">
          {strings.failure.code} <code>{failure.code}</code>
        </p>
        <div className="flex flex-wrap gap-2">
          {again !== undefined && (
            <Button kind="main" onClick={again}>
              {strings.failure.again}
            </Button>
          )}
          <CopyButton text={details} what={strings.failure.details}>
            {strings.failure.copy}
          </CopyButton>
        </div>
      </div>
    </div>
  )
}
