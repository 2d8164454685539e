/** The Examples a Mapping was published with; each can be tried on the Run screen. */
import type { ShownModule } from "../../../shared/engine-contract.ts"
import { navigate, runRoute } from "../../route.ts"
import { strings } from "../../strings.ts"
import { Button } from "../../ui/button.tsx"
import { Empty } from "../../ui/empty.tsx"
import { visibleText } from "../../ui/visible-text.ts"
import type { ShownMapping } from "./state.ts"

/** Longer texts are cut on screen; Try hands over the whole. */
const shownCharactersMax = 600
const shownRowsMax = 200

export function ExamplesTab({ shown, chosen }: { readonly shown: ShownModule; readonly chosen: ShownMapping | undefined }) {
  if (shown.examples.length === 0) return <Empty title={strings.module.tabs.examples} text={strings.examples.none} />
  const mayRun = chosen !== undefined && chosen.verdict.state !== "untrusted"
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <table className="w-full bg-surface text-left">
        <thead className="text-xs text-muted">
          <tr className="border-b border-line">
            <th className="w-12 py-1.5 pl-4 font-normal">#</th>
            <th className="py-1.5 font-normal">{strings.examples.arguments}</th>
            <th className="py-1.5 font-normal">{strings.examples.result}</th>
            <th className="w-32 py-1.5 font-normal">{strings.examples.origin}</th>
            <th className="w-20 py-1.5 pr-4 font-normal">
              <span className="sr-only">{strings.examples.try}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.examples.slice(0, shownRowsMax).map((example, index) => (
            <tr key={index} className="border-b border-line align-top">
              <td className="py-1.5 pl-4 text-muted tabular-nums">{index + 1}</td>
              <td className="py-1.5 pr-4">
                <code className="break-words whitespace-pre-wrap">{cut(example.args)}</code>
              </td>
              <td className="py-1.5 pr-4">
                <code className="break-words whitespace-pre-wrap">{cut(example.result)}</code>
              </td>
              <td className="py-1.5 pr-4 text-muted">
                {example.origin === "caller" ? strings.examples.caller : strings.examples.publisher}
              </td>
              <td className="py-1 pr-4 text-right">
                {mayRun && (
                  <Button
                    icon="run"
                    aria-label={strings.examples.tryLabel(index + 1)}
                    onClick={() => navigate(runRoute(shown.digest, chosen.digest, example.args))}
                  >
                    {strings.examples.try}
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function cut(text: string): string {
  return visibleText(text.length > shownCharactersMax ? `${text.slice(0, shownCharactersMax)}…` : text)
}
