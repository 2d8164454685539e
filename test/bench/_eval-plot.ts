/** Shares over thresholds, as a table in Markdown and as a plot in SVG. */
import fs from "node:fs"
import path from "node:path"

export interface Curve {
  readonly name: string
  readonly colour: string
  /** Share at each threshold, in their order. */
  readonly shares: readonly number[]
  readonly n: number
}

export interface Sheet {
  readonly file: string
  readonly title: string
  readonly axis: string
  readonly thresholds: readonly number[]
  readonly curves: readonly Curve[]
  readonly text: string
}

/** Share of `values` at or above each threshold; null stands below all. */
export function sharesAbove(values: readonly (number | null)[], thresholds: readonly number[]): number[] {
  return thresholds.map(least => values.filter(value => value !== null && value >= least - 1e-9).length / Math.max(1, values.length))
}

export function writeSheets(folder: string, name: string, sheets: readonly Sheet[]): string[] {
  fs.mkdirSync(folder, { recursive: true })
  const written = sheets.map(sheet => {
    fs.writeFileSync(path.join(folder, `${sheet.file}.svg`), svgOf(sheet))
    return `${sheet.file}.svg`
  })
  fs.writeFileSync(path.join(folder, `${name}.md`), `${sheets.map(tableOf).join("\n")}`)
  return [...written, `${name}.md`]
}

function tableOf({ file, title, axis, thresholds, curves, text }: Sheet): string {
  const head = `| ${axis} | ${curves.map(({ name, n }) => `${name} (n = ${n})`).join(" | ")} |`
  const rows = thresholds.map(
    (at, index) => `| ${at.toFixed(2)} | ${curves.map(({ shares }) => percent(shares[index] ?? 0)).join(" | ")} |`
  )
  return `# ${title}\n\n${text}\n\n![${title}](${file}.svg)\n\n${[head, `|--:|${curves.map(() => "--:|").join("")}`, ...rows].join("\n")}\n`
}

const width = 760
const height = 420
const margin = { left: 56, right: 16, top: 44, bottom: 96 }

function svgOf({ title, axis, thresholds, curves }: Sheet): string {
  const low = thresholds[0] as number
  const high = thresholds.at(-1) as number
  const x = (at: number) => margin.left + ((at - low) / (high - low)) * (width - margin.left - margin.right)
  const y = (share: number) => height - margin.bottom - share * (height - margin.top - margin.bottom)
  const lines = curves.map(({ colour, shares }) => {
    const points = shares.map((share, index) => `${x(thresholds[index] as number).toFixed(1)},${y(share).toFixed(1)}`).join(" ")
    return `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${points}"/>`
  })
  const grid = [0, 0.2, 0.4, 0.6, 0.8, 1].map(
    share =>
      `<line x1="${margin.left}" x2="${width - margin.right}" y1="${y(share)}" y2="${y(share)}" stroke="#ddd"/><text x="${margin.left - 8}" y="${y(share) + 4}" text-anchor="end">${Math.round(share * 100)} %</text>`
  )
  const ticks = thresholds
    .filter((_, index) => index % 4 === 0)
    .map(at => `<text x="${x(at).toFixed(1)}" y="${height - margin.bottom + 18}" text-anchor="middle">${at.toFixed(2)}</text>`)
  const legend = curves.map(
    ({ name, colour, n }, index) =>
      `<rect x="${margin.left + (index % 2) * 340}" y="${height - 48 + Math.floor(index / 2) * 18}" width="12" height="12" fill="${colour}"/><text x="${margin.left + 18 + (index % 2) * 340}" y="${height - 38 + Math.floor(index / 2) * 18}">${escaped(name)} (n = ${n})</text>`
  )
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="#fff"/><text x="${margin.left}" y="24" font-size="15">${escaped(title)}</text>`,
    ...grid,
    ...ticks,
    `<text x="${(width + margin.left) / 2}" y="${height - margin.bottom + 36}" text-anchor="middle">${escaped(axis)}</text>`,
    ...lines,
    ...legend,
    "</svg>\n"
  ].join("\n")
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}

function escaped(text: string): string {
  return text.replace(/&/gu, "&amp;").replace(/</gu, "&lt;").replace(/>/gu, "&gt;")
}
