/** Text that is written: highlighting, brackets, completion and diagnostics in their places. Tab moves on, as everywhere in the window. */
import {
  autocompletion,
  type Completion,
  type CompletionContext,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap
} from "@codemirror/autocomplete"
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands"
import { bracketMatching } from "@codemirror/language"
import { type Diagnostic, lintGutter, setDiagnostics } from "@codemirror/lint"
import { EditorState, Prec } from "@codemirror/state"
import { drawSelection, EditorView, highlightActiveLine, highlightSpecialChars, keymap, lineNumbers } from "@codemirror/view"
import { useEffect, useRef } from "react"
import { codeLook } from "./code-look.ts"

/** Offsets in UTF-16 code units, `to` exclusive. */
export interface Mark {
  readonly from: number
  readonly to: number
  readonly severity: "error" | "warning" | "hint"
  readonly message: string
}

interface CodeEditorProps {
  readonly label: string
  readonly language: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly marks: readonly Mark[]
  readonly completions: readonly Completion[]
  /** Mod-Enter. */
  readonly onSubmit: () => void
  /** Where the cursor is put, once for each new value of it. */
  readonly goTo?: { readonly at: number } | null
}

/** What may stand in a name of RTFS. */
const nameBefore = /[A-Za-z0-9_$+\-*/=<>!?%.@]+/

const chrome = EditorView.theme({
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-activeLine": { backgroundColor: "transparent" },
  ".cm-matchingBracket": { backgroundColor: "var(--accent-ground) !important", outline: "1px solid var(--accent-line)" },
  ".cm-tooltip": { backgroundColor: "var(--raised)", color: "var(--text)", border: "1px solid var(--line)", borderRadius: "8px" },
  ".cm-tooltip-autocomplete > ul > li": { color: "var(--text)" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--accent-ground)", color: "var(--text)" },
  ".cm-completionDetail": { color: "var(--muted)", fontStyle: "normal" },
  ".cm-completionInfo": { maxWidth: "22rem" },
  ".cm-diagnostic": { borderLeft: "3px solid var(--line-strong)" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--untrusted)" },
  ".cm-diagnostic-warning": { borderLeftColor: "var(--pending)" },
  "&.cm-focused": { outline: "2px solid var(--focus)", outlineOffset: "-2px" }
})

export default function CodeEditor({ label, language, value, onChange, marks, completions, onSubmit, goTo = null }: CodeEditorProps) {
  const place = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView | null>(null)
  const latest = useRef({ onChange, onSubmit, completions })
  latest.current = { onChange, onSubmit, completions }
  // The text belongs to the editor once it is open; a change from outside is applied below.
  useEffect(() => {
    const state = EditorState.create({
      doc: value,
      extensions: [
        lineNumbers(),
        history(),
        drawSelection(),
        highlightSpecialChars(),
        highlightActiveLine(),
        bracketMatching(),
        closeBrackets(),
        lintGutter(),
        autocompletion({ override: [context => complete(context, latest.current.completions)], icons: false }),
        Prec.highest(
          keymap.of([
            {
              key: "Mod-Enter",
              run: () => {
                latest.current.onSubmit()
                return true
              }
            }
          ])
        ),
        keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...defaultKeymap]),
        EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", autocorrect: "off", autocapitalize: "off" }),
        EditorView.updateListener.of(update => {
          if (update.docChanged) latest.current.onChange(update.state.doc.toString())
        }),
        codeLook(language),
        chrome
      ]
    })
    const made = new EditorView({ state, parent: place.current! })
    view.current = made
    return () => {
      view.current = null
      made.destroy()
    }
  }, [label, language])
  useEffect(() => {
    const shown = view.current
    if (shown === null || shown.state.doc.toString() === value) return
    shown.dispatch({ changes: { from: 0, to: shown.state.doc.length, insert: value } })
  }, [value])
  useEffect(() => {
    const shown = view.current
    if (shown === null) return
    const end = shown.state.doc.length
    const inside = marks.map(
      (mark): Diagnostic => ({ ...mark, from: Math.min(mark.from, end), to: Math.min(Math.max(mark.to, mark.from), end) })
    )
    shown.dispatch(setDiagnostics(shown.state, inside))
  }, [marks])
  useEffect(() => {
    const shown = view.current
    if (shown === null || goTo === null) return
    const at = Math.min(goTo.at, shown.state.doc.length)
    shown.dispatch({ selection: { anchor: at }, scrollIntoView: true })
    shown.focus()
  }, [goTo])
  return <div ref={place} className="min-h-0 flex-1 overflow-hidden" />
}

function complete(context: CompletionContext, completions: readonly Completion[]) {
  const word = context.matchBefore(nameBefore)
  if (word === null && !context.explicit) return null
  return { from: word?.from ?? context.pos, options: completions, validFor: /^[A-Za-z0-9_$+\-*/=<>!?%.@]*$/ }
}
