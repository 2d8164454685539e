/** The positional arguments as a form and as one literal, kept in step both ways. */
import { useId } from "react"
import { strings } from "../../strings.ts"
import { CopyIcon } from "../../ui/copy.tsx"
import { inputClass } from "../../ui/field.tsx"
import { editItems, itemAt, startRun, typeLiteral, useRun } from "./state.ts"
import { ItemsField, Labelled, TypeField } from "./type-field.tsx"

export function ArgumentForm() {
  const { tree, items } = useRun()
  if (tree === null) return <LiteralTwin />
  const { parameters, rest } = tree
  const put = (position: number, next: Parameters<typeof editItems>[0][number]) => editItems(fill(position, next))
  const fill = (position: number, next: Parameters<typeof editItems>[0][number]) => {
    const all = parameters.map((_, index) => itemAt(items, tree, index)).concat(items.slice(parameters.length))
    return all.with(position, next)
  }
  return (
    <>
      {parameters.length === 0 && rest === null && <p className="text-muted">{strings.run.noArguments}</p>}
      {parameters.map((type, index) => (
        <Labelled key={index} name={strings.interface.parameter(index + 1)} type={type}>
          <TypeField
            name={strings.interface.parameter(index + 1)}
            type={type}
            literal={itemAt(items, tree, index)}
            onChange={next => put(index, next)}
          />
        </Labelled>
      ))}
      {rest !== null && (
        <Labelled name={strings.interface.rest} type={rest}>
          <ItemsField
            name={strings.interface.rest}
            item={rest}
            literal={{ kind: "vector", items: items.slice(parameters.length) }}
            onChange={next =>
              editItems([...parameters.map((_, index) => itemAt(items, tree, index)), ...(next.kind === "vector" ? next.items : [])])
            }
          />
        </Labelled>
      )}
      <LiteralTwin />
    </>
  )
}

function LiteralTwin() {
  const { literal, problem } = useRun()
  const id = useId()
  return (
    <div className="flex flex-col gap-1 border-t border-line pt-3">
      <div className="flex items-center justify-between">
        <label htmlFor={id} className="text-xs text-muted">
          {strings.run.literal}
        </label>
        <CopyIcon text={literal} what={strings.run.arguments} />
      </div>
      <textarea
        id={id}
        value={literal}
        spellCheck={false}
        aria-invalid={problem !== null}
        aria-describedby={`${id}-about`}
        onChange={event => typeLiteral(event.target.value)}
        onKeyDown={event => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void startRun()
        }}
        className={`${inputClass} field-sizing-content max-h-60 min-h-14 resize-y py-1.5 font-mono leading-[1.25rem]`}
      />
      <p id={`${id}-about`} className={`text-xs ${problem === null ? "text-muted" : "text-untrusted"}`}>
        {problem ?? strings.run.literalHelp}
      </p>
    </div>
  )
}
