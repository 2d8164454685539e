/** Attacks on real stores and Bundles: each must be refused with a code, and leave nothing written. Prints `{attempted, refused, cases}`. */
import fs from "node:fs"
import { bundleAttacks } from "./attack/bundles.ts"
import { cases, folder, freshStore } from "./attack/kit.ts"
import { storeAttacks } from "./attack/stores.ts"
import { trustAttacks } from "./attack/trust.ts"

try {
  await bundleAttacks(await freshStore("alice", "alice"))
  await trustAttacks()
  await storeAttacks()
} finally {
  fs.rmSync(folder, { recursive: true, force: true })
}
const refused = cases.filter(one => one.ok).length
const report = { attempted: cases.length, refused, cases }
if (process.argv.includes("--json")) console.log(JSON.stringify(report))
else {
  for (const { name, code, ok } of cases) console.log(`${ok ? "refused " : "ACCEPTED"}  ${code.padEnd(20)}  ${name}`)
  console.log(`${refused} of ${cases.length} refused`)
}
process.exitCode = refused === cases.length ? 0 : 1
