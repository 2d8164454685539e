/** The Module's bytes as they are stored: offset, hex and ASCII, with the bounds of its sections. */
import { useVirtualizer } from "@tanstack/react-virtual"
import { useMemo, useRef, useState } from "react"
import { engine } from "../../engine.ts"
import { FailureNote } from "../../parts/failure-note.tsx"
import { useAnswer } from "../../parts/use-answer.ts"
import { strings } from "../../strings.ts"
import { Button } from "../../ui/button.tsx"
import { Waiting } from "../../ui/empty.tsx"
import { Icon } from "../../ui/icon.tsx"
import { saveBlob } from "../../ui/save.ts"
import { visibleLine } from "../../ui/visible-text.ts"
import type { Section, SectionWalk } from "./sections.ts"
import { readSections } from "./sections.ts"

const words = strings.bytes
const rowBytes = 16
const rowHeight = 20
/** What a Module may hold (vm page, section 6). */
const moduleBytesMax = 1_048_576

export function BytesTab({ digest }: { readonly digest: string }) {
  const [asked, again] = useAnswer(digest, async signal => {
    const blob = await engine.blob({ digest }, { signal })
    return new Uint8Array(await blob.arrayBuffer())
  })
  if (asked.state === "failed") return <FailureNote failure={asked.failure} again={again} />
  if (asked.state !== "done") return <Waiting text={words.loading} />
  return <Shown digest={digest} bytes={asked.answer} />
}

function Shown({ digest, bytes }: { readonly digest: string; readonly bytes: Uint8Array<ArrayBuffer> }) {
  const walk = useMemo(() => readSections(bytes), [bytes])
  const scroller = useRef<HTMLDivElement>(null)
  const [marked, setMarked] = useState<number | null>(null)
  const virtual = useVirtualizer({
    count: Math.ceil(bytes.length / rowBytes),
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 24
  })
  const goTo = (position: number) => {
    setMarked(position)
    virtual.scrollToIndex(Math.floor((walk.sections[position]?.at ?? 0) / rowBytes), { align: "start" })
  }
  const hex = digest.replace(/^sha256:/, "")
  return (
    <div className="flex min-h-0 flex-1 max-md:flex-col">
      <Sections walk={walk} marked={marked} goTo={goTo} />
      <div className="flex min-h-0 min-w-0 flex-1 flex-col bg-surface">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-4 py-1 text-xs text-muted">
          <span className="tabular-nums">{strings.units.bytes(bytes.length)}</span>
          <span>{words.limit(strings.units.bytes(moduleBytesMax))}</span>
          <span className="grow" />
          <Button
            kind="plain"
            icon="out"
            className="h-6!"
            onClick={() => saveBlob(`${hex.slice(0, 12)}.wasm`, new Blob([bytes], { type: "application/wasm" }))}
          >
            {words.save}
          </Button>
        </div>
        {/* biome-ignore lint/a11y/useSemanticElements: rows of text that scroll must be reachable by key and named */}
        <div
          ref={scroller}
          role="region"
          aria-label={words.label}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so a person without a mouse must reach it
          tabIndex={0}
          className="min-h-0 flex-1 overflow-auto py-1 font-mono text-xs outline-offset-[-2px]"
        >
          <div className="relative min-w-max" style={{ height: virtual.getTotalSize() }}>
            {virtual.getVirtualItems().map(({ index, start }) => (
              <div
                key={index}
                className="absolute top-0 left-0 flex gap-4 px-4 whitespace-pre"
                style={{ height: rowHeight, lineHeight: `${rowHeight}px`, transform: `translateY(${start}px)` }}
              >
                <Row bytes={bytes} from={index * rowBytes} walk={walk} marked={marked} />
              </div>
            ))}
          </div>
        </div>
      </div>
    </div>
  )
}

interface RowProps {
  readonly bytes: Uint8Array
  readonly from: number
  readonly walk: SectionWalk
  readonly marked: number | null
}

function Row({ bytes, from, walk: { sections }, marked }: RowProps) {
  const end = Math.min(bytes.length, from + rowBytes)
  const pieces = piecesOf(sections, from, end)
  const begins = sections.filter(({ at }) => at >= from && at < end)
  return (
    <>
      <span className="text-muted">{offset(from)}</span>
      <span>
        {pieces.map(piece => (
          <span key={piece.from} className={lookOf(piece, marked)}>
            {Array.from(bytes.subarray(piece.from, piece.end), byte => `${byte.toString(16).padStart(2, "0")} `).join("")}
          </span>
        ))}
        {"   ".repeat(from + rowBytes - end)}
      </span>
      <span>
        {pieces.map(piece => (
          <span key={piece.from} className={lookOf(piece, marked)}>
            {Array.from(bytes.subarray(piece.from, piece.end), byte =>
              byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "."
            ).join("")}
          </span>
        ))}
        {" ".repeat(from + rowBytes - end)}
      </span>
      {begins.length > 0 && <span className="text-muted">{begins.map(nameOf).join(", ")}</span>}
    </>
  )
}

interface Piece {
  readonly from: number
  readonly end: number
  /** Position of its section; -1 before the first and behind the last. */
  readonly section: number
}

/** The row cut where sections meet. */
function piecesOf(sections: readonly Section[], from: number, end: number): Piece[] {
  const pieces: Piece[] = []
  let at = from
  while (at < end) {
    const here = at
    const section = sections.findIndex(one => here >= one.at && here < one.end)
    const until = section >= 0 ? sections[section]!.end : (sections.find(one => one.at > here)?.at ?? end)
    const next = Math.min(end, until)
    pieces.push({ from: at, end: next, section })
    at = next
  }
  return pieces
}

/** Neighbours differ by their ground; the one that was chosen stands out. */
function lookOf({ section }: Piece, marked: number | null): string {
  if (section < 0) return "text-muted"
  if (section === marked) return "bg-accent-ground"
  return section % 2 === 0 ? "bg-sunken" : ""
}

function Sections({
  walk,
  marked,
  goTo
}: {
  readonly walk: SectionWalk
  readonly marked: number | null
  readonly goTo: (position: number) => void
}) {
  return (
    <nav
      aria-label={words.sections}
      className="w-64 shrink-0 overflow-y-auto border-line max-md:max-h-40 max-md:w-full max-md:border-b md:border-r"
    >
      <ul>
        {walk.sections.map((section, position) => (
          <li key={section.at}>
            <button
              type="button"
              aria-current={position === marked ? "true" : undefined}
              onClick={() => goTo(position)}
              className="grid w-full grid-cols-[1fr_auto] gap-x-2 border-b border-line px-4 py-1.5 text-left outline-offset-[-2px] hover:bg-sunken aria-[current]:bg-accent-ground"
            >
              <span className="truncate">{nameOf(section)}</span>
              <span className="text-xs leading-5 text-muted tabular-nums">{strings.units.bytes(section.end - section.start)}</span>
              <code className="text-xs text-muted">{offset(section.at)}</code>
            </button>
          </li>
        ))}
      </ul>
      {walk.problem !== null && (
        <p className="flex gap-2 px-4 py-2 text-xs text-muted">
          <Icon name="warning" className="text-pending" />
          <span>
            {words.problem[walk.problem.why]} {walk.problem.at > 0 && words.problemAt(offset(walk.problem.at))}
          </span>
        </p>
      )}
    </nav>
  )
}

function nameOf({ id, name }: Section): string {
  if (id !== 0) return words.names[id] ?? words.unknown(id)
  return `${words.names[0]} “${name === null ? words.unnamed : visibleLine(name.slice(0, 60))}”`
}

/** Eight digits reach past the largest Blob. */
const offset = (at: number): string => at.toString(16).padStart(8, "0")
