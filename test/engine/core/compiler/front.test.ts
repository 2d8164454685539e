/** The front half on whole sources: each file of `test/golden/front` against its intermediate representation and diagnostics. */
import { readdirSync, readFileSync } from "node:fs"
import { basename } from "node:path"
import { expect, test } from "vitest"
import type { ImportUnit } from "../../../../electron/engine/core/compiler/analyse.ts"
import { analyse } from "../../../../electron/engine/core/compiler/analyse.ts"
import { renderDiagnostic } from "../../../../electron/engine/core/compiler/diagnostic.ts"
import { infer } from "../../../../electron/engine/core/compiler/infer.ts"
import { printIr } from "../../../../electron/engine/core/compiler/ir-print.ts"
import { digestOf } from "../../../../electron/engine/core/digest.ts"
import { utf8Encode } from "../../../../electron/engine/core/utf8.ts"

const folder = new URL("../../../golden/front/", import.meta.url)
const otherSource = "(module other (:exports [open]) (defn open [] 1) (defn private [x] x))"
const imports: readonly ImportUnit[] = [{ name: "other", digest: digestOf(utf8Encode(otherSource)), source: otherSource }]

const files = readdirSync(folder).filter(file => file.endsWith(".rtfs"))

test.each(files)("%s", async file => {
  const source = readFileSync(new URL(file, folder), "utf8")
  const analysed = analyse(source, { imports })
  const parts = analysed.diagnostics.map(diagnostic => renderDiagnostic(diagnostic, source, file))
  if (analysed.kind === "analysed") {
    parts.push(analysed.interface.text, printIr(analysed.program), "; inferred", printIr(infer(analysed.program)))
  }
  await expect(`${parts.join("\n\n")}\n`).toMatchFileSnapshot(new URL(`${basename(file, ".rtfs")}.txt`, folder).pathname)
})
