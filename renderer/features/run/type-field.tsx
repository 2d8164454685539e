/** A form field generated from a type: nested vectors, maps and unions become nested fields, the rest one line each. */
import { useId } from "react"
import type { MapEntry, TypeTree } from "../../../shared/type-text.ts"
import { strings } from "../../strings.ts"
import { Button, IconButton } from "../../ui/button.tsx"
import { inputClass } from "../../ui/field.tsx"
import { Select } from "../../ui/select.tsx"
import { visibleLine } from "../../ui/visible-text.ts"
import { blankOf, fits, isFloat, keyMatches } from "./blank.ts"
import type { Literal } from "./literal.ts"
import { isInteger, isKeyword, printLiteral, readLiteral } from "./literal.ts"

interface FieldProps {
  readonly name: string
  readonly type: TypeTree
  readonly literal: Literal
  readonly onChange: (literal: Literal) => void
}

type Of<K extends TypeTree["kind"]> = Omit<FieldProps, "type"> & { readonly type: Extract<TypeTree, { kind: K }> }

const words = strings.run.value

/** A literal the form of the type cannot show (typed as raw text) is shown as raw text here too. */
export function TypeField(props: FieldProps) {
  const { type, literal } = props
  if (type.kind === "function") return <p className="text-xs text-untrusted">{words.functionRefused}</p>
  if (!fits(type, literal)) return <RawField {...props} />
  switch (type.kind) {
    case "primitive":
      return <PrimitiveField {...props} type={type} />
    case "vector":
    case "array":
      return <ItemsField {...props} item={type.item} />
    case "tuple":
      return <TupleField {...props} type={type} />
    case "map":
      return <MapField {...props} type={type} />
    case "map-of":
      return <MapOfField {...props} type={type} />
    case "union":
      return <UnionField {...props} type={type} />
    case "and":
      return <AndField {...props} type={type} />
    case "enum":
      return <EnumField {...props} type={type} />
    default:
      return <RawField {...props} />
  }
}

function PrimitiveField({ name, type, literal, onChange }: Of<"primitive">) {
  const text = literal.kind === "string" ? literal.value : printLiteral(literal)
  switch (type.name) {
    case "string":
      return <StringField name={name} value={text} onChange={value => onChange({ kind: "string", value })} />
    case "bool":
      return <BoolField name={name} value={text === "true"} onChange={value => onChange({ kind: "atom", text: String(value) })} />
    case "nil":
      return <code className="text-muted">nil</code>
    case "int":
      return <WordField name={name} text={text} isRight={isInteger} expected={strings.run.problems.int} onChange={onChange} />
    case "float":
      return (
        <WordField
          name={name}
          text={text}
          isRight={word => isFloat(word) || isInteger(word)}
          expected={strings.run.problems.float}
          onChange={onChange}
        />
      )
    case "keyword":
      return <WordField name={name} text={text} isRight={isKeyword} expected={strings.run.problems.keyword} onChange={onChange} />
    default:
      return <RawField name={name} type={type} literal={literal} onChange={onChange} />
  }
}

/** One word of a known form; anything else stays as a hole that says what was expected. */
function WordField({
  name,
  text,
  isRight,
  expected,
  onChange
}: {
  readonly name: string
  readonly text: string
  readonly isRight: (text: string) => boolean
  readonly expected: string
  readonly onChange: (literal: Literal) => void
}) {
  const wrong = text !== "" && !isRight(text)
  const id = useId()
  return (
    <div className="flex min-w-0 flex-1 flex-col gap-0.5">
      <input
        aria-label={name}
        aria-invalid={wrong}
        aria-describedby={wrong ? id : undefined}
        value={text}
        placeholder={expected}
        spellCheck={false}
        autoComplete="off"
        onChange={event => {
          const word = event.target.value.trim()
          onChange(isRight(word) ? { kind: "atom", text: word } : { kind: "hole", text: word })
        }}
        className={`${inputClass} h-7 font-mono`}
      />
      {wrong && (
        <p id={id} className="text-xs text-untrusted">
          {strings.run.problems.expected(expected)}
        </p>
      )}
    </div>
  )
}

function StringField({
  name,
  value,
  onChange
}: {
  readonly name: string
  readonly value: string
  readonly onChange: (value: string) => void
}) {
  return (
    <textarea
      aria-label={name}
      rows={Math.min(8, value.split("\n").length)}
      value={value}
      placeholder={words.empty}
      spellCheck={false}
      onChange={event => onChange(event.target.value)}
      className={`${inputClass} field-sizing-content max-h-60 min-h-7 resize-none py-1 leading-[1.2rem]`}
    />
  )
}

function BoolField({
  name,
  value,
  onChange
}: {
  readonly name: string
  readonly value: boolean
  readonly onChange: (value: boolean) => void
}) {
  return (
    <div role="radiogroup" aria-label={name} className="inline-flex self-start rounded-md border border-line bg-surface p-0.5">
      {[true, false].map(option => (
        <label
          key={String(option)}
          className="cursor-default rounded px-2.5 font-mono text-xs leading-[1.4rem] text-muted has-checked:bg-accent-ground has-checked:text-text has-focus-visible:outline-2 has-focus-visible:outline-focus"
        >
          <input type="radio" className="sr-only" checked={value === option} onChange={() => onChange(option)} />
          {option ? words.yes : words.no}
        </label>
      ))}
    </div>
  )
}

/** Any literal, typed as text; it reaches the literal only once it can be read. */
function RawField({ name, literal, onChange }: FieldProps) {
  const text = printLiteral(literal)
  const wrong = literal.kind === "hole" && text !== ""
  const id = useId()
  return (
    <div className="flex min-w-0 flex-1 flex-col gap-0.5">
      <input
        aria-label={name}
        aria-invalid={wrong}
        aria-describedby={wrong ? id : undefined}
        value={text}
        placeholder={words.any}
        spellCheck={false}
        autoComplete="off"
        onChange={event => onChange(literalOrHole(event.target.value))}
        className={`${inputClass} h-7 font-mono`}
      />
      {wrong && (
        <p id={id} className="text-xs text-untrusted">
          {strings.run.problems.expected(strings.run.problems.literal)}
        </p>
      )}
    </div>
  )
}

function literalOrHole(text: string): Literal {
  try {
    const read = readLiteral(text)
    return printLiteral(read) === text ? read : { kind: "hole", text }
  } catch {
    return { kind: "hole", text }
  }
}

/** Items shown as fields at most; more are edited in the literal. */
const fieldsMax = 100

/** Items of one type, one under the other. */
export function ItemsField({ name, item, literal, onChange }: Omit<FieldProps, "type"> & { readonly item: TypeTree }) {
  const items = literal.kind === "vector" ? literal.items : []
  const put = (index: number, next: Literal) => onChange({ kind: "vector", items: items.with(index, next) })
  if (items.length > fieldsMax) return <RawField name={name} type={item} literal={literal} onChange={onChange} />
  return (
    <Nest>
      {items.map((value, index) => (
        <div key={index} className="flex items-start gap-1">
          <TypeField name={`${name}, ${words.item(index + 1)}`} type={item} literal={value} onChange={next => put(index, next)} />
          <IconButton
            icon="cross"
            label={`${name}: ${words.remove(index + 1)}`}
            onClick={() => onChange({ kind: "vector", items: items.toSpliced(index, 1) })}
          />
        </div>
      ))}
      <Button
        kind="plain"
        icon="plus"
        className="self-start"
        aria-label={words.addLabel(name)}
        onClick={() => onChange({ kind: "vector", items: [...items, blankOf(item)] })}
      >
        {words.add}
      </Button>
    </Nest>
  )
}

function TupleField({ name, type, literal, onChange }: Of<"tuple">) {
  const items = literal.kind === "vector" ? literal.items : type.items.map(blankOf)
  return (
    <Nest>
      {type.items.map((item, index) => (
        <Labelled key={index} name={words.item(index + 1)} type={item}>
          <TypeField
            name={`${name}, ${words.item(index + 1)}`}
            type={item}
            literal={items[index] ?? blankOf(item)}
            onChange={next => onChange({ kind: "vector", items: items.with(index, next) })}
          />
        </Labelled>
      ))}
    </Nest>
  )
}

function MapField({ name, type, literal, onChange }: Of<"map">) {
  const entries = literal.kind === "map" ? literal.entries : []
  const put = (entry: MapEntry, value: Literal | null) => {
    const others = entries.filter(([key]) => !keyMatches(key, entry.key))
    const own = entries.find(([key]) => keyMatches(key, entry.key))?.[0] ?? ({ kind: "atom", text: entry.key } as const)
    const at = entries.findIndex(([key]) => keyMatches(key, entry.key))
    if (value === null) return onChange({ kind: "map", entries: others })
    onChange({ kind: "map", entries: at < 0 ? [...entries, [own, value]] : entries.with(at, [own, value]) })
  }
  return (
    <Nest>
      {type.entries.map(entry => {
        const value = entries.find(([key]) => keyMatches(key, entry.key))?.[1]
        return (
          <Labelled
            key={entry.key}
            name={entry.key}
            type={entry.type}
            {...(entry.optional
              ? { given: value !== undefined, onGiven: (given: boolean) => put(entry, given ? blankOf(entry.type) : null) }
              : {})}
          >
            {(value !== undefined || !entry.optional) && (
              <TypeField
                name={`${name} ${entry.key}`}
                type={entry.type}
                literal={value ?? blankOf(entry.type)}
                onChange={next => put(entry, next)}
              />
            )}
          </Labelled>
        )
      })}
    </Nest>
  )
}

function MapOfField({ name, type, literal, onChange }: Of<"map-of">) {
  const entries = literal.kind === "map" ? literal.entries : []
  const put = (index: number, key: Literal, value: Literal) => onChange({ kind: "map", entries: entries.with(index, [key, value]) })
  return (
    <Nest>
      {entries.map(([key, value], index) => (
        <div key={index} className="grid grid-cols-[minmax(5rem,2fr)_3fr_auto] items-start gap-1">
          <TypeField name={`${name}, ${words.key} ${index + 1}`} type={type.key} literal={key} onChange={next => put(index, next, value)} />
          <TypeField
            name={`${name}, ${words.valueOf} ${index + 1}`}
            type={type.value}
            literal={value}
            onChange={next => put(index, key, next)}
          />
          <IconButton
            icon="cross"
            label={`${name}: ${words.remove(index + 1)}`}
            onClick={() => onChange({ kind: "map", entries: entries.toSpliced(index, 1) })}
          />
        </div>
      ))}
      <Button
        kind="plain"
        icon="plus"
        className="self-start"
        aria-label={words.addLabel(name)}
        onClick={() => onChange({ kind: "map", entries: [...entries, [blankOf(type.key), blankOf(type.value)]] })}
      >
        {words.add}
      </Button>
    </Nest>
  )
}

/** One of several types; `nil` beside one other reads as “not given”. */
function UnionField({ name, type, literal, onChange }: Of<"union">) {
  const at = Math.max(
    0,
    type.members.findIndex(member =>
      literal.kind === "hole" ? member.kind !== "primitive" || member.name !== "nil" : fits(member, literal)
    )
  )
  const member = type.members[at]
  if (member === undefined) return <RawField name={name} type={type} literal={literal} onChange={onChange} />
  return (
    <div className="flex min-w-0 flex-1 flex-wrap items-start gap-1.5">
      <Select
        label={`${name}, ${words.kind}`}
        value={String(at)}
        onChange={next => onChange(blankOf(type.members[Number(next)]!))}
        options={type.members.map((candidate, index) => ({ value: String(index), label: visibleLine(candidate.text) }))}
        className="max-w-48 font-mono"
      />
      {!(member.kind === "primitive" && member.name === "nil") && (
        <div className="flex min-w-40 flex-1">
          <TypeField name={name} type={member} literal={literal} onChange={onChange} />
        </div>
      )}
    </div>
  )
}

function AndField({ name, type, literal, onChange }: Of<"and">) {
  return (
    <div className="flex min-w-0 flex-1 flex-col gap-0.5">
      <TypeField name={name} type={type.base} literal={literal} onChange={onChange} />
      {type.refinements.length > 0 && (
        <p className="text-xs text-muted">
          {words.where} <code>{type.refinements.map(visibleLine).join(" ")}</code>
        </p>
      )}
    </div>
  )
}

function EnumField({ name, type, literal, onChange }: Of<"enum">) {
  const value = printLiteral(literal)
  return (
    <Select
      label={name}
      value={value}
      onChange={next => onChange(literalOrHole(next))}
      options={type.values.map(option => ({ value: option, label: visibleLine(option) }))}
      className="max-w-64 font-mono"
    />
  )
}

function Nest({ children }: { readonly children: React.ReactNode }) {
  return <div className="flex min-w-0 flex-1 flex-col gap-1.5 border-l-2 border-line pl-2.5">{children}</div>
}

interface LabelledProps {
  readonly name: string
  readonly type: TypeTree
  /** For optional entries: whether it is given. */
  readonly given?: boolean
  readonly onGiven?: (given: boolean) => void
  readonly children: React.ReactNode
}

/** A field's name and type above it. */
export function Labelled({ name, type, given, onGiven, children }: LabelledProps) {
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <div className="flex flex-wrap items-baseline gap-x-2 text-xs">
        {onGiven === undefined ? (
          <span className="font-medium">{visibleLine(name)}</span>
        ) : (
          <label className="flex items-center gap-1.5 font-medium">
            <input
              type="checkbox"
              checked={given ?? false}
              onChange={event => onGiven(event.target.checked)}
              aria-label={words.include(name)}
              className="accent-accent"
            />
            {visibleLine(name)}
            <span className="font-normal text-muted">{words.optional}</span>
          </label>
        )}
        <code className="min-w-0 truncate text-muted" title={type.text}>
          {visibleLine(type.text)}
        </code>
      </div>
      {children}
    </div>
  )
}
