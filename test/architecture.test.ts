/** The code about the code: who may import whom (the README's table is the same text), no cycles, electron only where it belongs. */
import { readdirSync, readFileSync } from "node:fs"
import { dirname, join, relative, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"

const top = resolve(dirname(fileURLToPath(import.meta.url)), "..")

interface Room {
  readonly room: string
  /** Ours that it may import, as room names or single files. */
  readonly ours: readonly string[]
  /** Packages it may import; a trailing * stands for any ending. */
  readonly others: readonly string[]
}

/** Longest matching room wins. Kept equal to the table in the README. */
const rooms: readonly Room[] = readTable()

function readTable(): Room[] {
  const readme = readFileSync(join(top, "README.md"), "utf8")
  const lines = readme.split("\n")
  const start = lines.findIndex(line => line.startsWith("| room | may import (ours) | may import (others) |"))
  if (start < 0) throw new Error("README.md has no table headed: | room | may import (ours) | may import (others) |")
  const table: Room[] = []
  for (const line of lines.slice(start + 2)) {
    if (!line.startsWith("|")) break
    const [room, ours, others] = line
      .split("|")
      .slice(1, 4)
      .map(cell => [...cell.matchAll(/`([^`]+)`/g)].map(match => match[1]!))
    for (const name of room!) table.push({ room: name, ours: ours!, others: others! })
  }
  return table
}

function filesBelow(folder: string): string[] {
  return readdirSync(join(top, folder), { withFileTypes: true }).flatMap(entry => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return path === "electron/engine/runtime" ? [] : filesBelow(path)
    return /\.(ts|tsx|mjs)$/.test(entry.name) ? [path] : []
  })
}

/** Import specifiers of a file: static, re-exports and dynamic ones with a literal. Comments are dropped first. */
function importsOf(path: string): string[] {
  const text = readFileSync(join(top, path), "utf8")
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/^\s*\/\/.*$/gm, "")
  const found: string[] = []
  for (const match of text.matchAll(
    /(?:^|[\n;}])\s*(?:import|export)\b[^"'`;]*?\bfrom\s*["']([^"']+)["']|(?:^|[\n;}])\s*import\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/g
  ))
    found.push((match[1] ?? match[2] ?? match[3])!)
  return found
}

const files = ["shared", "electron", "renderer"].flatMap(filesBelow)
const imports = new Map(files.map(file => [file, importsOf(file)]))

const bareName = (path: string): string => path.replace(/\.(ts|tsx|mjs)$/, "")

function roomOf(path: string): Room | undefined {
  const name = bareName(path)
  return rooms.filter(({ room }) => name === room || name.startsWith(`${room}/`)).toSorted((a, b) => b.room.length - a.room.length)[0]
}

function targetOf(path: string, specifier: string): string {
  return relative(top, resolve(top, dirname(path), specifier)).replaceAll("\\", "/")
}

const within = (target: string, place: string): boolean => {
  const name = bareName(target)
  return name === place || name.startsWith(`${place}/`)
}

describe("the house", () => {
  it("gives every file a room in the README's table", () => {
    expect(files.filter(file => roomOf(file) === undefined)).toEqual([])
  })

  it("lets each room import only what the table says", () => {
    const wrong = files.flatMap(file => {
      const room = roomOf(file)!
      return imports.get(file)!.flatMap(specifier => {
        if (specifier.startsWith(".")) {
          const target = targetOf(file, specifier)
          const home = roomOf(target)
          const allowed = home?.room === room.room || room.ours.some(place => within(target, place))
          return allowed ? [] : [`${file} imports ${target}`]
        }
        const allowed = room.others.some(name =>
          name.endsWith("*") ? specifier.startsWith(name.slice(0, -1)) : specifier === name || specifier.startsWith(`${name}/`)
        )
        return allowed ? [] : [`${file} imports ${specifier}`]
      })
    })
    expect(wrong).toEqual([])
  })

  it("imports electron only in main and preload", () => {
    const wrong = files.filter(
      file =>
        imports.get(file)!.some(name => name === "electron" || name.startsWith("electron/")) && !/^electron\/(main|preload)\//.test(file)
    )
    expect(wrong).toEqual([])
  })

  it("has no feature of the window that imports a sibling", () => {
    const featureOf = (path: string): string | undefined => /^renderer\/features\/([^/]+)/.exec(path)?.[1]
    const wrong = files.flatMap(file => {
      const feature = featureOf(file)
      if (feature === undefined) return []
      return imports
        .get(file)!
        .filter(name => name.startsWith("."))
        .map(name => targetOf(file, name))
        .filter(target => featureOf(target) !== undefined && featureOf(target) !== feature)
        .map(target => `${file} imports ${target}`)
    })
    expect(wrong).toEqual([])
  })

  it("has no import cycle", () => {
    expect(cycles()).toEqual([])
  })
})

/** Strongly connected components of more than one file, each as its sorted members. */
function cycles(): string[][] {
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const found: string[][] = []
  const visit = (file: string): void => {
    index.set(file, index.size)
    low.set(file, index.get(file)!)
    stack.push(file)
    for (const specifier of imports.get(file) ?? []) {
      if (!specifier.startsWith(".")) continue
      const target = targetOf(file, specifier)
      if (!imports.has(target)) continue
      if (!index.has(target)) {
        visit(target)
        low.set(file, Math.min(low.get(file)!, low.get(target)!))
      } else if (stack.includes(target)) low.set(file, Math.min(low.get(file)!, index.get(target)!))
    }
    if (low.get(file) !== index.get(file)) return
    const members = stack.splice(stack.indexOf(file))
    if (members.length > 1) found.push(members.toSorted())
  }
  for (const file of files) if (!index.has(file)) visit(file)
  return found
}
