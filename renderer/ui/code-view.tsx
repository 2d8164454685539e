/** Read-only text with highlighting in the window's own colours, line numbers and escapes for hidden characters. */

import { selectAll } from "@codemirror/commands"
import { HighlightStyle, StreamLanguage, syntaxHighlighting } from "@codemirror/language"
import { clojure } from "@codemirror/legacy-modes/mode/clojure"
import { json } from "@codemirror/legacy-modes/mode/javascript"
import { wast } from "@codemirror/legacy-modes/mode/wast"
import { EditorState, type Extension } from "@codemirror/state"
import { EditorView, highlightSpecialChars, keymap, lineNumbers } from "@codemirror/view"
import { tags } from "@lezer/highlight"
import { useEffect, useRef } from "react"

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.definitionKeyword, tags.controlKeyword], color: "var(--code-keyword)" },
  { tag: [tags.string, tags.character, tags.regexp], color: "var(--code-string)" },
  { tag: tags.number, color: "var(--code-number)" },
  { tag: [tags.atom, tags.bool, tags.null], color: "var(--code-atom)" },
  {
    tag: [tags.standard(tags.name), tags.function(tags.name), tags.definition(tags.variableName), tags.typeName],
    color: "var(--code-name)"
  },
  { tag: [tags.comment, tags.meta], color: "var(--code-comment)", fontStyle: "italic" },
  { tag: tags.bracket, color: "var(--muted)" },
  { tag: tags.propertyName, color: "var(--code-name)" },
  { tag: tags.variableName, color: "var(--text)" }
])

const look = EditorView.theme({
  "&": { height: "100%", backgroundColor: "transparent", color: "var(--text)", fontSize: "12.5px" },
  ".cm-scroller": { fontFamily: "var(--font-mono)", lineHeight: "1.55", overflow: "auto" },
  ".cm-content": { padding: "10px 0" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--muted)", border: "none", paddingLeft: "8px" },
  ".cm-lineNumbers .cm-gutterElement": { minWidth: "28px" },
  ".cm-specialChar": { color: "var(--untrusted)" },
  "&.cm-focused": { outline: "none" },
  ".cm-selectionBackground, &.cm-focused .cm-selectionBackground": { backgroundColor: "var(--accent-line) !important" }
})

const languages: Readonly<Record<string, Extension>> = {
  rtfs: StreamLanguage.define(clojure),
  json: StreamLanguage.define({ ...json, tokenTable: { property: tags.propertyName } }),
  wat: StreamLanguage.define(wast)
}

/** `language` may be `rtfs`, `json` or `wat`; anything else is plain. */
export default function CodeView({ text, label, language }: { readonly text: string; readonly label: string; readonly language?: string }) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const state = EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(),
        highlightSpecialChars(),
        EditorState.readOnly.of(true),
        EditorView.editable.of(false),
        EditorView.contentAttributes.of({
          tabindex: "0",
          "aria-label": label,
          role: "textbox",
          "aria-readonly": "true",
          "aria-multiline": "true"
        }),
        keymap.of([{ key: "Mod-a", run: selectAll }]),
        syntaxHighlighting(colours),
        look,
        languages[language ?? ""] ?? []
      ]
    })
    const view = new EditorView({ state, parent: place.current! })
    return () => view.destroy()
  }, [text, label, language])
  return <div ref={place} className="min-h-0 flex-1 overflow-hidden" />
}
