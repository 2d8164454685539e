/** Read-only text with highlighting in the window's own colours, line numbers and escapes for hidden characters. */

import { selectAll } from "@codemirror/commands"
import { EditorState } from "@codemirror/state"
import { EditorView, highlightSpecialChars, keymap, lineNumbers } from "@codemirror/view"
import { useEffect, useRef } from "react"
import { codeLook } from "./code-look.ts"

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
        codeLook(language)
      ]
    })
    const view = new EditorView({ state, parent: place.current! })
    return () => view.destroy()
  }, [text, label, language])
  return <div ref={place} className="min-h-0 flex-1 overflow-hidden" />
}
