/** What a Module is made from and what it claims to be: Source, Examples, Interface, Mapping and the index's record of them. */
import { z } from "zod"
import type { Digest, InterfaceHash } from "./digest.ts"
import { isDigest } from "./digest.ts"
import { answerSchema, spanSchema } from "./run.ts"

export const digestSchema = z.custom<Digest>(isDigest, "expected a Digest: sha256: and 64 hex digits")
export const interfaceHashSchema = z.custom<InterfaceHash>(isDigest, "expected an InterfaceHash: sha256: and 64 hex digits")

/** Limits of what a Module is made from (vm page, section 6). Bytes are UTF-8. */
export const sizeLimits = {
  sourceBytesMax: 262_144,
  moduleBytesMax: 1_048_576,
  blobBytesMax: 16_777_216,
  functionsMax: 2_000,
  dataBytesMax: 262_144,
  examplesMax: 1_000,
  examplesBytesMax: 1_048_576,
  taskBytesMax: 4_096,
  typeBytesMax: 8_192,
  noteCharactersMax: 2_000
} as const

/** Something the compiler says about a Source. An `error` means there is no Module. */
export const diagnosticSchema = z.object({
  severity: z.enum(["error", "warning", "hint"]),
  category: z.string(),
  message: z.string(),
  span: spanSchema,
  expected: z.string().optional(),
  found: z.string().optional(),
  suggestion: z.string().optional()
})
export type Diagnostic = Readonly<z.infer<typeof diagnosticSchema>>

/** Arguments (an RTFS vector literal of the positional arguments) and the expected result (an RTFS literal). */
export const exampleSchema = z.object({
  args: z.string(),
  result: z.string(),
  answers: z.array(answerSchema).optional(),
  /** `caller`: it came with the Request. */
  origin: z.string().optional()
})
export type Example = Readonly<z.infer<typeof exampleSchema>>

/** Parameters, result and effects of a Module's entry: `text` is the canonical line, `hash` its Digest. */
export const interfaceSchema = z.object({
  hash: interfaceHashSchema,
  text: z.string(),
  capabilities: z.array(z.string())
})
export type Interface = Readonly<z.infer<typeof interfaceSchema>>

/** A name a Source imports and the Module it means. */
export const importSchema = z.object({ name: z.string(), digest: digestSchema })
export type ImportClaim = Readonly<z.infer<typeof importSchema>>

/**
 * The signed claim that a Task is answered by a Module (trust page, section 3).
 * Its Digest is the SHA-256 of its RFC 8785 bytes.
 */
export const mappingSchema = z.object({
  task: z.object({ text: z.string(), language: z.string().optional() }),
  interface: z.object({ hash: interfaceHashSchema, canonical: z.string() }),
  entry: z.string(),
  module: z.object({ digest: digestSchema, size: z.number().int().min(1) }),
  runtime: z.object({ digest: digestSchema }).nullable(),
  source: z.object({ digest: digestSchema }).nullable(),
  examples: z.object({ digest: digestSchema, count: z.number().int().min(0) }),
  supersedes: z.array(digestSchema).optional(),
  namespace: z.string().optional(),
  imports: z.array(importSchema).optional()
})
export type Mapping = Readonly<z.infer<typeof mappingSchema>>

/** Which model made an Embedding. Vectors of different models are never compared. */
export interface EmbeddingModel {
  readonly id: string
  readonly digest: Digest
  readonly dimensions: number
}

/** One Mapping as the index holds it. Derived; never evidence. */
export interface ModuleRecord {
  readonly mapping: Digest
  readonly module: Digest
  readonly interfaceHash: InterfaceHash
  readonly typeText: string
  readonly taskText: string
  readonly languageVersion: string
  readonly sizeBytes: number
  readonly fuelProfile: number
  readonly embedding: Float32Array | null
  readonly embeddingModel: string
  /** The publisher's Attestation of the claim, as its stored JSON text. */
  readonly signature: string
  readonly createdMs: number
  readonly ledgerSequence: number
}
