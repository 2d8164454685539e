/** The custom sections a Module carries behind its code, and the two names made from its bytes (vm page, section 3.8). */
import type { Digest } from "../../../../shared/digest.ts"
import { jsonBytes } from "../admission.ts"
import { concatBytes, digestsOf } from "../digest.ts"
import { utf8Encode } from "../utf8.ts"
import { Bytes } from "./bytes.ts"
import type { CodePlace, ModuleBuilder } from "./encode.ts"
import { customSection, nameSection } from "./encode.ts"
import type { IrProgram } from "./ir.ts"
import type { RuntimeAbi } from "./runtime-abi.ts"

/** Part of the compile key; a change of any emitted byte is another version. */
export const compilerVersion = "l4-1/1"

/**
 * Names the instructions a Module may use: MVP, sign extension, bulk memory, multi-value, mutable globals, reference types, tail calls, and
 * exceptions with exnref.
 */
export const featureSet = "baseline-1"

export interface Finished {
  readonly bytes: Uint8Array
  readonly digest: Digest
  /** Digest of the bytes without source Digest, source map and names: equal for equal programs. */
  readonly identityHash: Digest
}

export function finishModule(
  builder: ModuleBuilder,
  program: IrProgram,
  runtime: RuntimeAbi,
  interfaceText: string,
  source: Digest
): Finished {
  const body = builder.encodeBody()
  const same = concatBytes(
    body.bytes,
    customSection("rtfs.abi", jsonBytes({ abi: runtime.abi, compiler: compilerVersion, features: featureSet, runtime: runtime.digest })),
    customSection(
      "rtfs.iface",
      jsonBytes({
        text: interfaceText,
        entry: program.exports[program.entry]?.name ?? "",
        exports: program.exports.map(one => [one.name, one.type])
      })
    ),
    customSection("rtfs.caps", jsonBytes(program.capabilities)),
    customSection("rtfs.deps", jsonBytes(program.deps.map(dep => [dep.name, dep.digest])))
  )
  const rest = concatBytes(
    customSection("rtfs.map", mapBytes(body.places)),
    customSection("rtfs.src", utf8Encode(source)),
    customSection("name", nameSection(builder.functionNames()))
  )
  const [identityHash, digest] = digestsOf(same, rest)
  return { bytes: concatBytes(same, rest), digest, identityHash }
}

/** For each place, in order of offset: how far it is behind the last one, how far its text moved, and how long its text is. */
function mapBytes(places: readonly CodePlace[]): Uint8Array {
  const out = new Bytes().u32(places.length)
  let offset = 0
  let start = 0
  for (const place of places) {
    out
      .u32(place.offset - offset)
      .s32(place.start - start)
      .u32(place.end - place.start)
    offset = place.offset
    start = place.start
  }
  return out.take()
}
