/** What a language model is asked when the cache has no Module for a Task, and how its reply is read. */
import type { GeneratorTask } from "../../../shared/generation.ts"
import { languageCard } from "./language-card.ts"

export interface Message {
  readonly role: "system" | "user" | "assistant"
  readonly content: string
}

/** Sources of this many near Modules are shown. */
const nearMax = 3
/** Complaints about one Source that are passed on. */
const complaintsMax = 12

/** A conversation: the language, the Task, then each Source it wrote and what was wrong with it. */
export function messagesOf(task: GeneratorTask): Message[] {
  return [
    {
      role: "system",
      content: `You write programs in RTFS. Answer with one complete Source in a fenced block and nothing else.\n\n${languageCard}`
    },
    { role: "user", content: questionOf(task) },
    ...task.attempts.flatMap(({ source, complaints }): Message[] => [
      { role: "assistant", content: fenced(source) },
      { role: "user", content: complaintText(complaints) }
    ])
  ]
}

function questionOf({ text, typeText, examples, near }: GeneratorTask): string {
  const parts = [
    `Task: ${text}`,
    `The entry, the last top-level defn, must have this Interface: ${typeText}\nDeclare the types of all its parameters and of its result. Call no capability that the Interface does not list.`
  ]
  if (examples.length > 0)
    parts.push(`Examples, arguments => result:\n${examples.map(({ args, result }) => `  ${args} => ${result}`).join("\n")}`)
  for (const one of near.slice(0, nearMax))
    parts.push(`A Module for a similar Task, "${one.task}", ${one.typeText}:\n${fenced(one.source)}`)
  return parts.join("\n\n")
}

function complaintText(complaints: readonly string[]): string {
  const told = complaints.slice(0, complaintsMax).map(complaint => `- ${complaint}`)
  const more = complaints.length - told.length
  return `That Source is not right:\n${told.join("\n")}${more > 0 ? `\n- and ${more} more` : ""}\nAnswer with the whole corrected Source.`
}

const fenced = (source: string): string => `\`\`\`clojure\n${source.trimEnd()}\n\`\`\``

/** The Source in a reply: its longest fenced block, else what stands between the first and the last bracket of the text. Null where there is neither. */
export function sourceIn(reply: string): string | null {
  const blocks = [...reply.matchAll(/```[^\n`]*\n([\s\S]*?)```/g)].map(([, block]) => (block ?? "").trim()).filter(block => block !== "")
  if (blocks.length > 0) return blocks.reduce((longest, block) => (block.length > longest.length ? block : longest))
  const [first, last] = [reply.indexOf("("), reply.lastIndexOf(")")]
  return first >= 0 && last > first ? reply.slice(first, last + 1) : null
}
