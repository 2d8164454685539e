/** Text from elsewhere is text: characters that would hide or turn it are shown as escapes. */

const hidden = /(?![\t\n])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu

/** Tabs and line ends stay; other control, format and bidi characters become `\u{…}`. */
export function visibleText(text: string): string {
  return text.replace(hidden, character => `\\u{${character.codePointAt(0)!.toString(16)}}`)
}

/** The same on one line: tabs and line ends are escaped too. */
export function visibleLine(text: string): string {
  return visibleText(text).replace(/[\t\n]/g, character => (character === "\n" ? "\\n" : "\\t"))
}
