/** What a person would ask in words: the prose of a HumanEval prompt, without its signature and its examples. */

/** Everything from the first line of examples on is left out: doctests, `Example:` sections, and calls of the function. */
const examplesBegin = /(>>>|\b(?:for )?(?:example|exemplar|eg|e\.g|sample)s?\s*(?:[0-9]+)?\s*(?::|\n|$)|\[\s*input\s*\/)/imu

/** Of the last function in a prompt: what its docstring says, without quotes, doctests and calls, as one line. */
export function proseOf(prompt: string, entryPoint: string): string {
  const start = Math.max(prompt.lastIndexOf(`def ${entryPoint}(`), 0)
  const body = prompt.slice(start)
  const quoted = /"""|'''/u.exec(body)
  const inside = quoted === null ? body : body.slice(quoted.index + 3)
  const end = /"""|'''|" ?" ?"|"'|" "\.?/u.exec(inside)
  const doc = end === null || end.index < inside.length / 2 ? inside : inside.slice(0, end.index)
  return clean(beforeExamples(doc, entryPoint))
}

function beforeExamples(doc: string, entryPoint: string): string {
  const cut = [examplesBegin.exec(doc)?.index ?? doc.length, callAt(doc, entryPoint)]
  const at = Math.min(...cut)
  // A prompt that begins with its example has its words behind it: then only the calls are left out, line by line.
  if (doc.slice(0, at).trim().length >= 20) return doc.slice(0, at)
  return doc
    .split("\n")
    .filter(line => !/>>>|=>|==|➞/u.test(line))
    .join("\n")
}

/** Where the function is called with its result shown; names were sometimes split at their underscores. */
function callAt(doc: string, entryPoint: string): number {
  const name = entryPoint.split("_").join("\\s*_\\s*")
  const call = new RegExp(`\\b${name}\\s*\\([^\\n]*\\)?\\s*(?:=|➞|→|-|#|returns|:|\\n)`, "u").exec(doc)
  return call?.index ?? doc.length
}

function clean(text: string): string {
  return text
    .replace(/["']{2,}/gu, " ")
    .replace(/\s+/gu, " ")
    .trim()
}
