/** What the entry takes, answers and touches, as a list to read and as the canonical text that is hashed. */
import type { Mapping } from "../../shared/module.ts"
import type { InterfaceTree, TypeTree } from "../../shared/type-text.ts"
import { readInterface } from "../../shared/type-text.ts"
import { strings } from "../strings.ts"
import { CopyIcon } from "../ui/copy.tsx"
import { visibleLine } from "../ui/visible-text.ts"
import { DigestChip } from "./digest-chip.tsx"
import { TypeText } from "./type-text.tsx"

export function InterfaceView({ mapping, bytes }: { readonly mapping: Mapping; readonly bytes: number }) {
  const tree = treeOf(mapping.interface.canonical)
  return (
    <div className="min-h-0 flex-1 overflow-y-auto p-4">
      <dl className="grid max-w-4xl grid-cols-[9rem_1fr] gap-x-4 gap-y-3">
        <Row name={strings.interface.task}>{visibleLine(mapping.task.text)}</Row>
        <Row name={strings.interface.arrow}>
          <TypeText text={mapping.interface.canonical} className="break-words" />
        </Row>
        {tree === null ? <Row name={strings.interface.parameters}>{strings.interface.raw}</Row> : <Shape tree={tree} />}
        <Row name={strings.interface.canonical}>
          <span className="flex items-start gap-1">
            <code className="min-w-0 break-words">{visibleLine(mapping.interface.canonical)}</code>
            <CopyIcon text={mapping.interface.canonical} what={strings.interface.canonical} />
          </span>
        </Row>
        <Row name={strings.interface.hash}>
          <Whole digest={mapping.interface.hash} what={strings.interface.hash} />
        </Row>
        <Row name={strings.interface.entry}>
          <code>{visibleLine(mapping.entry)}</code>
        </Row>
        <Row name={strings.interface.runtime}>
          {mapping.runtime === null ? (
            strings.interface.plainRuntime
          ) : (
            <Whole digest={mapping.runtime.digest} what={strings.interface.runtime} />
          )}
        </Row>
        {mapping.namespace !== undefined && <Row name={strings.interface.namespace}>{visibleLine(mapping.namespace)}</Row>}
        {mapping.imports !== undefined && mapping.imports.length > 0 && (
          <Row name={strings.interface.imports}>
            {mapping.imports.map(imported => (
              <DigestChip key={imported.name} name={imported.name} digest={imported.digest} />
            ))}
          </Row>
        )}
        <Row name={strings.interface.size}>{strings.units.bytes(bytes)}</Row>
      </dl>
    </div>
  )
}

function Shape({ tree }: { readonly tree: InterfaceTree }) {
  return (
    <>
      <Row name={strings.interface.parameters}>
        {tree.parameters.length === 0 && tree.rest === null ? (
          strings.interface.noParameters
        ) : (
          <ol className="flex flex-col gap-1">
            {tree.parameters.map((type, index) => (
              <Parameter key={index} name={strings.interface.parameter(index + 1)} type={type} />
            ))}
            {tree.rest !== null && <Parameter name={strings.interface.rest} type={tree.rest} />}
          </ol>
        )}
      </Row>
      <Row name={strings.interface.result}>
        <code>{visibleLine(tree.result.text)}</code>
      </Row>
      <Row name={strings.interface.effects}>
        {tree.capabilities.length === 0
          ? strings.interface.noEffects
          : tree.capabilities.map(name => (
              <code key={name} className="mr-2 rounded bg-pending-ground px-1.5 text-pending">
                {visibleLine(name)}
              </code>
            ))}
      </Row>
    </>
  )
}

function Parameter({ name, type }: { readonly name: string; readonly type: TypeTree }) {
  return (
    <li className="flex flex-wrap gap-x-3">
      <span className="text-muted">{name}</span>
      <code className="min-w-0 break-words">{visibleLine(type.text)}</code>
    </li>
  )
}

function Row({ name, children }: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </>
  )
}

function Whole({ digest, what }: { readonly digest: string; readonly what: string }) {
  return (
    <span className="flex items-start gap-1">
      <code className="min-w-0 break-all">{digest}</code>
      <CopyIcon text={digest} what={what} />
    </span>
  )
}

function treeOf(text: string): InterfaceTree | null {
  try {
    return readInterface(text)
  } catch {
    return null
  }
}
