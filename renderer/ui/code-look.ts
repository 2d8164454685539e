/** How code looks in the window, read-only or edited: its own colours, so that both themes keep their contrast. */
import { HighlightStyle, StreamLanguage, syntaxHighlighting } from "@codemirror/language"
import { clojure } from "@codemirror/legacy-modes/mode/clojure"
import { json } from "@codemirror/legacy-modes/mode/javascript"
import { wast } from "@codemirror/legacy-modes/mode/wast"
import type { Extension } from "@codemirror/state"
import { EditorView } from "@codemirror/view"
import { tags } from "@lezer/highlight"

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

/** Highlighting of a language (`rtfs`, `json`, `wat`; anything else is plain) and the window's own look. */
export function codeLook(language: string | undefined): Extension {
  return [syntaxHighlighting(colours), look, languages[language ?? ""] ?? []]
}
