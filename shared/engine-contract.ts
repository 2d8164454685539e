/** THE CONTRACT: every verb of the engine, its input schema and its answer. Every door serves this object. Start here. */
import { oc } from "@orpc/contract"
import { z } from "zod"
import { activitySchema, assumptionsSchema, servedSchema, worthSchema } from "./activity.ts"
import type { EngineFailureCode } from "./failure.ts"
import { failureCodes, failureStatus } from "./failure.ts"
import { budgetSchema, generationSchema } from "./generation.ts"
import { ledgerKinds, ledgerLineSchema } from "./ledger.ts"
import { hitNameSchema, hitSchema, missSchema, requestSchema, tiers } from "./lookup.ts"
import {
  diagnosticSchema,
  digestSchema,
  exampleSchema,
  importSchema,
  interfaceHashSchema,
  interfaceSchema,
  mappingSchema,
  sizeLimits
} from "./module.ts"
import { answerSchema, limitsSchema, outcomeSchema } from "./run.ts"
import { settingsSchema } from "./settings.ts"
import {
  keyIdSchema,
  keyPurposes,
  keySummarySchema,
  presets,
  publicKeySchema,
  revocationReasons,
  roles,
  type ruleSchema,
  signOffSchema,
  trustPolicySchema,
  verdictSchema,
  verdictStates
} from "./trust.ts"

/** A Digest or an unambiguous prefix of one, with or without `sha256:`; at least 4 hex digits. */
const digestPrefix = z.string().regex(/^(sha256:)?[0-9a-f]{4,64}$/, "expected a Digest or a prefix of at least 4 hex digits")

/** Which of a Module's Mappings is meant, where it answers several Tasks. */
const mappingChoice = { task: z.string().optional(), mapping: digestPrefix.optional() }

const named = z.object({ digest: digestPrefix, ...mappingChoice })

const rejected = z.object({ kind: z.literal("rejected"), diagnostics: z.array(diagnosticSchema) })

const compiled = z.object({
  kind: z.literal("compiled"),
  digest: digestSchema,
  interface: interfaceSchema,
  /** The Interface as a person types it: the arrow form of language page 15.1. */
  typeText: z.string(),
  /** What the compiler inferred where nothing is declared; a hint, never hashed. */
  inferred: z.string().optional(),
  entry: z.string(),
  exports: z.array(z.object({ name: z.string(), parameters: z.number().int(), variadic: z.boolean(), typeText: z.string() })),
  bytes: z.number().int(),
  compileMs: z.number(),
  diagnostics: z.array(diagnosticSchema)
})

const exampleResult = z.object({
  position: z.number().int(),
  passed: z.boolean(),
  args: z.string(),
  expected: z.string(),
  outcome: outcomeSchema
})

const published = z.object({
  kind: z.literal("published"),
  digest: digestSchema,
  mapping: digestSchema,
  verdict: verdictSchema,
  examples: z.array(exampleResult),
  already: z.boolean()
})

/** What a Module is linked against. */
const moduleProfiles = ["linked", "plain"] as const

/** One row of a list of Mappings. */
const row = z.object({
  digest: digestSchema,
  mapping: digestSchema,
  task: z.string(),
  interface: z.string(),
  interfaceHash: interfaceHashSchema,
  verdict: z.enum(verdictStates),
  similarity: z.number().optional(),
  /** Why it stands where it stands: words, type, examples. */
  why: z.array(z.string()).optional(),
  bytes: z.number().int(),
  fuel: z.number(),
  hits: z.number().int(),
  createdMs: z.number(),
  /** Accepted at first start: no person reviewed it. */
  unreviewed: z.boolean(),
  /** Departures from the TYPE asked for; 0 where it is equal. */
  typeDistance: z.number().int().optional(),
  /** For each of its parameters the place of the argument that goes there, from 0; absent where the order is the asked one. */
  order: z.array(z.number().int()).optional(),
  /** Examples of the question it answers as expected. */
  examplesPassed: z.object({ passed: z.number().int(), of: z.number().int() }).optional(),
  /** Rivals of the same Interface that answer otherwise on an input nobody gave; `here` and `there` are outcomes in words. */
  differs: z
    .array(
      z.object({
        mapping: digestSchema,
        /** `values`: both answer, and differently. `domain`: one answers, the other fails. */
        kind: z.enum(["values", "domain"]),
        args: z.string(),
        here: z.string(),
        there: z.string()
      })
    )
    .optional(),
  capabilities: z.array(z.string()).optional(),
  /** `linked` is compiled RTFS, `plain` a foreign module without the runtime. */
  profile: z.enum(moduleProfiles).optional(),
  /** Owner of the key that signed the claim, or its KeyId where the root does not name it. */
  publisher: z.string().optional()
})

/** What Find asks for; all given together narrow. Nothing at all lists everything, newest first. */
const findTerms = z.object({
  words: z.string().optional(),
  type: z.string().optional(),
  /** Only equal Interfaces (variables allowed), none at a distance. */
  exact: z.boolean().optional(),
  /** Those that answer some of them as expected are kept; 64 at most, and 1 MiB together. */
  examples: z.array(exampleSchema).max(64).optional(),
  verdict: z.enum(verdictStates).optional(),
  /** Capabilities a Module must have, all of them. */
  capabilities: z.array(z.string()).max(64).optional(),
  /** Only Modules without capabilities. */
  pure: z.boolean().optional(),
  /** Owner or name of the key that signed the claim, or a KeyId or a prefix of one. */
  publisher: z.string().max(200).optional(),
  profile: z.enum(moduleProfiles).optional(),
  /** Greatest size of the Module, bytes. */
  bytesMax: z.number().int().min(0).optional(),
  /** True: was served before; false: never. */
  used: z.boolean().optional(),
  /** Pending Mappings are run on the Examples too. */
  review: z.boolean().optional(),
  /** Whether the best rivals of one Interface are told apart by inputs of our own; by default where there are Examples. */
  probe: z.boolean().optional(),
  limit: z.number().int().min(1).max(200).optional()
})

/** How far a Find has come, beside its rows. */
const findProgress = {
  /** Mappings that words, TYPE and facets left to be looked at. */
  considered: z.number().int(),
  /** Of these, those that were run on the Examples. */
  tried: z.number().int(),
  /** Not run, or not to their end, and why; the first 100. */
  skipped: z.array(z.object({ digest: digestSchema, mapping: digestSchema, task: z.string(), why: z.string() })),
  skippedInAll: z.number().int(),
  /** What was left out or cut short: no model, no index, a limit of time. */
  notes: z.array(z.string())
}

const attestationView = z.object({
  digest: digestSchema,
  predicateType: z.string(),
  keyId: z.string(),
  keyName: z.string().optional(),
  owner: z.string().optional(),
  /** Null where it counts; else why it does not. */
  ignored: z.string().nullable(),
  statement: z.string(),
  envelope: z.string(),
  sequence: z.number().int()
})

const shown = z.object({
  digest: digestSchema,
  bytes: z.number().int(),
  mappings: z.array(
    z.object({
      digest: digestSchema,
      mapping: mappingSchema,
      verdict: verdictSchema,
      sequence: z.number().int(),
      supersededBy: z.array(digestSchema)
    })
  ),
  source: z.string().nullable(),
  examples: z.array(exampleSchema),
  attestations: z.array(attestationView)
})

const blobText = z.object({ text: z.string() })

const usage = z.object({
  mappings: z.number().int(),
  modules: z.number().int(),
  trusted: z.number().int(),
  pending: z.number().int(),
  untrusted: z.number().int(),
  ledgerRecords: z.number().int(),
  bytes: z.object({ blobs: z.number(), ledger: z.number(), lance: z.number(), hot: z.number(), hits: z.number() }),
  lookups: z.object({
    hits: z.number().int(),
    misses: z.record(z.string(), z.number().int()),
    runs: z.record(z.string(), z.number().int()),
    tiers: z.record(z.enum(tiers), z.number().int()),
    totalUs: z.object({ n: z.number().int(), p50: z.number(), p95: z.number(), p99: z.number() })
  }),
  mostUsed: z.array(
    z.object({ digest: digestSchema, mapping: digestSchema, task: z.string(), hits: z.number().int(), lastUsedMs: z.number() })
  )
})

const finding = z.object({
  code: z.string(),
  subject: z.string(),
  message: z.string(),
  remedy: z.string(),
  repaired: z.boolean(),
  /** Worth knowing; nothing is wrong. */ harmless: z.boolean().optional()
})

const status = z.object({
  store: z.string(),
  readOnly: z.boolean(),
  /** Who writes the store, when this process does not. */
  heldBy: z.string().optional(),
  origin: z.string(),
  root: z.object({ id: z.string(), version: z.number().int(), expires: z.string() }).nullable(),
  preset: z.enum(presets),
  ledgerSize: z.number().int(),
  pending: z.number().int(),
  modules: z.number().int(),
  model: z.object({ id: z.string(), digest: digestSchema, available: z.boolean(), why: z.string().optional() }),
  indexAvailable: z.boolean(),
  unprotectedKeys: z.number().int(),
  lockedKeys: z.number().int(),
  warnings: z.array(z.string())
})

/** What one ledger's checkpoint in a Bundle is to those kept of it. `ask`: the size a consistency proof should start at. */
const bundledLedger = z.object({
  origin: z.string(),
  size: z.number().int(),
  standing: z.enum(["own", "first", "same", "consistent", "unproven", "older", "unlisted"]),
  ask: z.number().int().optional()
})

const bundledRoot = z.object({
  /** Fingerprint of version 1. */
  id: z.string(),
  version: z.number().int(),
  /** Of every version, from 1. */
  fingerprints: z.array(z.string()),
  owners: z.array(z.string()),
  standing: z.enum(["own", "confirmed", "newly-confirmed", "not-confirmed", "refused"]),
  why: z.string(),
  newVersions: z.number().int(),
  revocations: z.object({ version: z.number().int(), expires: z.string(), newer: z.boolean(), revokes: z.array(z.string()) }).nullable()
})

const bundledMapping = z.object({
  digest: digestSchema,
  mapping: digestSchema,
  task: z.string(),
  interface: z.string(),
  verdict: verdictSchema,
  /** `new`: not here yet. `more`: here, and new Attestations came. `same`: nothing new. */
  standing: z.enum(["new", "more", "same"]),
  /** Its state here before. */
  before: z.enum(verdictStates).nullable(),
  attestations: z.object({ new: z.number().int(), here: z.number().int() }),
  written: z.boolean()
})

/** What a Bundle holds, weighed; the same before, after and without an import. */
const bundleReport = z.object({
  bundle: digestSchema,
  mappings: z.array(bundledMapping),
  roots: z.array(bundledRoot),
  ledgers: z.array(bundledLedger),
  counts: z.object({ trusted: z.number().int(), pending: z.number().int(), untrusted: z.number().int() }),
  notes: z.array(z.string())
})

/** A KeyId or an unambiguous prefix of one; at least 4 hex digits. */
const keyPrefix = z.string().regex(/^[0-9a-f]{4,64}$/, "expected a KeyId or a prefix of at least 4 hex digits")

/** Which Mappings change Verdict. */
const verdictChanges = z.array(
  z.object({ mapping: digestSchema, task: z.string(), before: z.enum(verdictStates), after: z.enum(verdictStates) })
)

/** What the root says of a key beside its public half. */
const keyTerms = {
  /** RFC 3339, UTC. */
  notAfter: z.string().optional(),
  /** Prefixes ending in `/`: the only namespaces its Claims may have. */
  namespaces: z.array(z.string()).optional()
}

/** Signed or to be signed: an envelope as text. */
/** How a passphrase becomes a key. */
const kdf = z.enum(["scrypt", "argon2id"])
const envelopeText = z.string().max(4_194_304)

const errors = Object.fromEntries(
  Object.entries(failureCodes).map(([code, message]) => [
    code,
    { message, status: failureStatus[code as EngineFailureCode], data: z.object({ details: z.record(z.string(), z.unknown()) }).optional() }
  ])
) as {
  [C in keyof typeof failureCodes]: {
    message: string
    status: number
    data: z.ZodOptional<z.ZodObject<{ details: z.ZodRecord<z.ZodString, z.ZodUnknown> }>>
  }
}

const settingsAnswer = z.object({ settings: settingsSchema, defaults: settingsSchema, problem: z.string().nullable() })

const verb = oc.errors(errors)

export const contract = {
  /** Long work under way, of whichever caller; asked while one waits for it. `total` is null where it cannot be told. */
  jobs: verb.input(z.object({})).output(
    z.object({
      jobs: z.array(
        z.object({
          id: z.number().int(),
          verb: z.string(),
          step: z.string(),
          done: z.number(),
          total: z.number().nullable(),
          sinceMs: z.number()
        })
      )
    })
  ),
  /** What is open, by whom, and what a person should know about it. */
  status: verb.input(z.object({})).output(status),
  /** Source → Module bytes, or diagnostics. Writes nothing. */
  compile: verb
    .input(
      z.object({
        source: z.string(),
        imports: z.array(importSchema).optional(),
        entry: z.string().optional(),
        wat: z.boolean().optional(),
        wasm: z.boolean().optional()
      })
    )
    .output(z.discriminatedUnion("kind", [compiled.extend({ wat: z.string().optional(), wasm: z.instanceof(Blob).optional() }), rejected])),
  /** Evaluates a Source in program mode. Writes nothing. */
  evaluate: verb
    .input(z.object({ source: z.string(), engine: z.enum(["wasm", "interpreter"]).optional(), limits: limitsSchema.partial().optional() }))
    .output(z.union([outcomeSchema, rejected])),
  /** Draft → compiled, examples run, signed, stored as Pending; or a refusal with nothing written. */
  publish: verb
    .input(
      z.object({
        request: requestSchema,
        /** RTFS text; absent when `wasm` hands in a plain foreign Module. */
        source: z.string().optional(),
        wasm: z.instanceof(Blob).optional(),
        examples: z.array(exampleSchema).max(1_000),
        entry: z.string().optional(),
        supersedes: z.array(digestPrefix).optional(),
        namespace: z.string().optional(),
        imports: z.array(z.object({ name: z.string(), digest: digestPrefix })).optional(),
        key: keyIdSchema.optional()
      })
    )
    .output(
      z.discriminatedUnion("kind", [
        published,
        rejected,
        z.object({ kind: z.literal("examples-failed"), examples: z.array(exampleResult) }),
        z.object({ kind: z.literal("refused"), outcome: outcomeSchema })
      ])
    ),
  /** Exact Interface, then similarity; a Hit is verified before it is answered, and runs if `args` are given. */
  lookup: verb
    .input(
      z.object({
        request: requestSchema,
        similarityMin: z.number().min(0).max(1).optional(),
        /** Share of wrong Hits that the verified tier may have at most; 0.01 unless stated, 0 keeps it closed. */
        falseHitMax: z.number().min(0).max(1).optional(),
        args: z.string().optional(),
        answers: z.array(answerSchema).optional(),
        limits: limitsSchema.partial().optional()
      })
    )
    .output(z.discriminatedUnion("kind", [hitSchema.extend({ outcome: outcomeSchema.optional() }), missSchema])),
  /** A person exploring: a ranked list by words, TYPE and Examples. The last five say how it came about. */
  find: verb.input(findTerms).output(
    z
      .object({ rows: z.array(row), ...findProgress })
      .partial()
      .required({ rows: true })
  ),
  /** Begins a Find whose rows are fetched as they come. Nothing runs until `findNext` asks; forgotten after a minute without one. */
  findStart: verb.input(findTerms).output(z.object({ search: z.string() })),
  /**
   * Works for about a tenth of a second, longer only while the first Find reads the store. `rows` are new or changed ones; `order` names every row of the answer so far, best
   * first, and a row it names no more is dropped. `end` gives the search up. Throws `wrong-usage` for one that is not open.
   */
  findNext: verb
    .input(z.object({ search: z.string().max(64), end: z.boolean().optional() }))
    .output(z.object({ rows: z.array(row), order: z.array(digestSchema), done: z.boolean(), ...findProgress })),
  /** Two Mappings, run on inputs made from the Interface of the first and from its Examples: where they part. Writes nothing. */
  probe: verb
    .input(
      named.extend({
        against: digestPrefix,
        /** Inputs at most. */
        max: z.number().int().min(1).max(256).optional(),
        seed: z.number().int().min(0).optional(),
        review: z.boolean().optional()
      })
    )
    .output(
      z.object({
        mapping: digestSchema,
        against: digestSchema,
        /** Inputs run on both, and those on which neither was stopped. */
        inputs: z.number().int(),
        decided: z.number().int(),
        disagreements: z.array(
          z.object({ kind: z.enum(["values", "domain"]), args: z.string(), here: outcomeSchema, there: outcomeSchema })
        ),
        /** Why one was not run to the end. */
        skipped: z.array(z.object({ mapping: digestSchema, why: z.string() }))
      })
    ),
  /** A caller's word on a Hit, or on a Miss's shadow answer: recorded in the Ledger, moves the calibration, never a Verdict. */
  feedback: verb
    .input(z.object({ hit: hitNameSchema, right: z.boolean(), note: z.string().max(sizeLimits.noteCharactersMax).optional() }))
    .output(
      z.object({
        hit: hitNameSchema,
        mapping: digestSchema,
        right: z.boolean(),
        /** Position of its record in the Ledger. */
        sequence: z.number().int(),
        /** Whether the verified tier weighed it, so that it counts there. */
        calibrates: z.boolean(),
        /** What this store has judged in all, with the upper bound of the rate of wrong ones (one-sided, 95 %). */
        judged: z.object({ n: z.number().int(), wrong: z.number().int(), upper: z.number() })
      })
    ),
  /** Other words for what a Module does: one more Mapping of it, Pending until the policy is satisfied. `task` and `mapping` choose whose words. */
  alias: verb
    .input(
      named.extend({
        words: z.string().min(1),
        /** Given by the caller with these words; the Mapping's own are run too. */
        examples: z.array(exampleSchema).max(1_000).optional(),
        key: keyIdSchema.optional()
      })
    )
    .output(
      z.discriminatedUnion("kind", [
        published.extend({ of: digestSchema }),
        rejected,
        z.object({ kind: z.literal("examples-failed"), examples: z.array(exampleResult) }),
        z.object({ kind: z.literal("refused"), outcome: outcomeSchema })
      ])
    ),
  /** What this user set, for all doors of this machine. `problem`: why the defaults apply though something was set. */
  settings: verb.input(z.object({})).output(settingsAnswer),
  changeSettings: verb.input(settingsSchema.partial()).output(settingsAnswer),
  /** All Mappings, newest first, a page at a time. */
  list: verb
    .input(
      z.object({
        cursor: z.number().int().min(0).optional(),
        limit: z.number().int().min(1).max(1_000).optional(),
        verdict: z.enum(verdictStates).optional()
      })
    )
    .output(z.object({ rows: z.array(row), total: z.number().int(), next: z.number().int().nullable() })),
  /** Everything known of a Module. */
  show: verb.input(named).output(shown),
  /** A Module's bytes as text: WAT, or a dump of its sections. */
  disassemble: verb.input(z.object({ digest: digestPrefix })).output(blobText),
  /** A Blob's bytes as they are stored, re-hashed on the way: a Module, a runtime, a Source or Examples. */
  blob: verb.input(z.object({ digest: digestPrefix })).output(z.instanceof(Blob)),
  /** Runs a Module's Mapping: trusted, or Pending with `review`. */
  run: verb
    .input(
      named.extend({
        args: z.string(),
        review: z.boolean().optional(),
        answers: z.array(answerSchema).optional(),
        limits: limitsSchema.partial().optional(),
        hitNumber: z.number().int().optional()
      })
    )
    .output(
      z.object({ digest: digestSchema, mapping: digestSchema, verdict: z.enum(verdictStates), review: z.boolean(), outcome: outcomeSchema })
    ),
  /** A reviewer's signed acceptance or refusal of one Mapping. */
  signOff: verb
    .input(
      named.extend({
        signOff: signOffSchema,
        key: keyIdSchema.optional(),
        /** Digest of the Statement that was shown (`reviewStatement`): nothing else is signed then. */
        statement: digestSchema.optional()
      })
    )
    .output(z.object({ digest: digestSchema, mapping: digestSchema, verdict: verdictSchema })),
  /** Exactly the bytes that `signOff` would sign, and the evidence they speak of. Signs nothing. */
  reviewStatement: verb.input(named.extend({ signOff: signOffSchema, key: keyIdSchema.optional() })).output(
    z.object({
      digest: digestSchema,
      mapping: digestSchema,
      /** Digest of the payload; hand it to `signOff`. */
      statement: digestSchema,
      /** The payload: an in-toto Statement as canonical JSON. */
      text: z.string(),
      reviewer: keyIdSchema,
      timeCreated: z.string(),
      evidence: z.array(z.object({ what: z.string(), digest: z.string() }))
    })
  ),
  /** A Mapping beside the one it supersedes (or `against`): both run the Examples of both, in review. */
  difference: verb.input(named.extend({ against: digestPrefix.optional() })).output(
    z.object({
      mapping: digestSchema,
      against: digestSchema,
      interface: z.object({ before: z.string(), after: z.string() }),
      entry: z.object({ before: z.string(), after: z.string() }),
      source: z.object({ before: z.string().nullable(), after: z.string().nullable() }),
      bytes: z.object({ before: z.number().int(), after: z.number().int() }),
      /** An outcome is null where that side is untrusted and may not run. */
      examples: z.array(
        z.object({ args: z.string(), before: outcomeSchema.nullable(), after: outcomeSchema.nullable(), same: z.boolean() })
      ),
      examplesInAll: z.number().int(),
      fuel: z.object({ before: z.number().nullable(), after: z.number().nullable() })
    })
  ),
  /** Pending Mappings, oldest first. */
  review: verb.input(z.object({ limit: z.number().int().min(1).max(1_000).optional() })).output(z.object({ rows: z.array(row) })),
  /** The Verdict of one Mapping, computed afresh. `asOf` answers what was trusted at a Ledger size. */
  verify: verb.input(named.extend({ asOf: z.number().int().min(0).optional() })).output(verdictSchema),
  revoke: verb
    .input(
      z.object({
        what: z.string(),
        reason: z.enum(revocationReasons),
        note: z.string().max(2_000).optional(),
        replacement: digestPrefix.optional(),
        prepare: z.boolean().optional()
      })
    )
    .output(
      z.object({
        version: z.number().int(),
        changed: z.array(z.object({ mapping: digestSchema, before: z.enum(verdictStates), after: z.enum(verdictStates) })),
        /** With `prepare`: the revocations as an unsigned document, to be carried to authority keys that are kept elsewhere. */
        document: envelopeText.optional()
      })
    ),
  /** Checks the whole store against itself; with `repair`, rebuilds what is derived. */
  audit: verb
    .input(z.object({ repair: z.boolean().optional() }))
    .output(z.object({ checked: z.record(z.string(), z.number().int()), findings: z.array(finding) })),
  /** Removes Blobs that no record of the Ledger names, a day after they were last put; `dryRun` says what would go. */
  gc: verb.input(z.object({ dryRun: z.boolean().optional(), olderThanHours: z.number().min(0).max(87_600).optional() })).output(
    z.object({
      dryRun: z.boolean(),
      /** All Blobs there were, and their bytes. */
      blobs: z.number().int(),
      bytes: z.number(),
      /** At most 1,000 of those removed; the counts are of all. */
      removed: z.array(z.object({ digest: digestSchema, bytes: z.number(), modifiedMs: z.number() })),
      removedBlobs: z.number().int(),
      removedBytes: z.number(),
      /** Named by no record, and too young to go. */
      youngBlobs: z.number().int(),
      youngBytes: z.number(),
      /** Unfinished files of writers that are gone. */
      temporary: z.number().int(),
      /** What was done to the tables, in words. */
      tables: z.array(z.string())
    })
  ),
  /** Takes a Mapping out of the cache; with `blobs`, those of its Blobs too that nothing else names. Its records stay in the Ledger. */
  evict: verb
    .input(named.extend({ reason: z.string().min(1).max(2_000), blobs: z.boolean().optional() }))
    .output(z.object({ digest: digestSchema, mapping: digestSchema, sequence: z.number().int(), removed: z.array(digestSchema) })),
  usage: verb.input(z.object({})).output(usage),
  /** What happened between two times (by default the last day), in equal stretches, from the hit logs that are kept. */
  activity: verb
    .input(z.object({ fromMs: z.number().optional(), toMs: z.number().optional(), stretches: z.number().int().min(1).max(400).optional() }))
    .output(activitySchema),
  /** What was served, refused or run, newest first, a page at a time. */
  hits: verb
    .input(
      z.object({
        cursor: z.number().int().min(0).max(1_000_000).optional(),
        limit: z.number().int().min(1).max(10_000).optional(),
        sinceMs: z.number().optional(),
        kind: z.enum(["hit", "miss", "run", "shadow"]).optional(),
        mapping: digestSchema.optional()
      })
    )
    .output(z.object({ entries: z.array(servedSchema), total: z.number().int(), next: z.number().int().nullable() })),
  /** What the Hits so far saved, under assumptions that stand in the answer. */
  worth: verb
    .input(z.object({ assumptions: assumptionsSchema.optional(), limit: z.number().int().min(1).max(1_000).optional() }))
    .output(worthSchema),
  /** The layers above, L4, then the generator; says who answered, why each earlier one did not, and what it cost. Equal Requests at one time are generated once. */
  delegate: verb.input(z.object({ request: requestSchema, args: z.string().optional(), budget: budgetSchema.optional() })).output(
    z.object({
      answeredBy: z.enum(["layer", "l4", "generator", "nobody"]),
      layers: z.array(z.object({ layer: z.string(), answered: z.boolean(), why: z.string(), ms: z.number() })),
      /** What a layer above L4 had kept, canonically printed. */
      value: z.string().optional(),
      digest: digestSchema.optional(),
      mapping: digestSchema.optional(),
      outcome: outcomeSchema.optional(),
      verdict: z.enum(verdictStates).optional(),
      generation: generationSchema.optional()
    })
  ),
  /** Entries, newest first. `cursor` counts from the newest; a page of one kind may be short or empty and yet have a `next`. */
  ledger: verb
    .input(
      z.object({
        cursor: z.number().int().min(0).optional(),
        limit: z.number().int().min(1).max(500).optional(),
        kind: z.enum(ledgerKinds).optional()
      })
    )
    .output(
      z.object({
        size: z.number().int(),
        root: z.string(),
        lines: z.array(ledgerLineSchema),
        next: z.number().int().nullable(),
        /** The newest signed checkpoint, verbatim. */
        checkpoint: z.string().nullable(),
        /** Pairs of signed notes that prove two histories of one ledger. */
        forks: z.array(z.object({ origin: z.string(), kept: z.string(), found: z.string() }))
      })
    ),
  /** What a signed checkpoint from elsewhere says of the Ledger here: `forked` and `ahead` mean that something is wrong. */
  checkLedger: verb.input(z.object({ checkpoint: z.string().max(65_536) })).output(
    z.object({
      origin: z.string(),
      size: z.number().int(),
      own: z.boolean(),
      standing: z.enum(["same", "prefix", "ahead", "forked", "unproven"]),
      why: z.string(),
      /** RFC 6962 consistency proof from the checkpoint to the Ledger here (base64). */
      consistency: z.object({ origin: z.string(), from: z.number().int(), to: z.number().int(), hashes: z.array(z.string()) }).optional()
    })
  ),
  /** A checkpoint over all records, signed now where the newest does not cover them. */
  signCheckpoint: verb.input(z.object({})).output(z.object({ checkpoint: z.string() })),
  /** A proof file for the record that names this Digest, under the newest checkpoint. */
  prove: verb.input(z.object({ digest: digestPrefix })).output(z.object({ sequence: z.number().int(), proof: z.string() })),
  /** Modules with their evidence, proofs and roots as an OCI image layout: a directory, or a plain tar where `target` ends in .tar. */
  exportBundle: verb
    .input(
      z.object({
        /** Exactly one of the three: Modules or Mappings by Digest; all but untrusted ones; those with a record from this Ledger size on. */
        digests: z.array(digestPrefix).min(1).optional(),
        all: z.boolean().optional(),
        since: z.number().int().min(0).optional(),
        target: z.string().min(1),
        /** Modules a volume holds at most; what outgrows one is written as several. */
        volumeModules: z.number().int().min(1).max(10_000).optional(),
        /** Ledger size the consistency proof starts at; by default that of the export before. */
        consistentWith: z.number().int().min(1).optional()
      })
    )
    .output(
      z.object({
        volumes: z.array(z.object({ path: z.string(), bundle: digestSchema, modules: z.number().int(), bytes: z.number().int() })),
        modules: z.number().int(),
        mappings: z.number().int(),
        checkpoint: z.object({ origin: z.string(), size: z.number().int(), root: z.string() }),
        notes: z.array(z.string())
      })
    ),
  /** The folder a window's Bundles lie in, where the door has one: their names are what it hands `exportBundle`, `importBundle` and `verifyBundle`. */
  bundles: verb.input(z.object({})).output(
    z.object({
      folder: z.string(),
      /** Newest first. `bytes` is null of a directory. */
      files: z.array(z.object({ name: z.string(), bytes: z.number().nullable(), modifiedMs: z.number() }))
    })
  ),
  /** A file brought into that folder in pieces of at most 4 MiB, each where the last one ended. */
  uploadBundle: verb
    .input(
      z.object({
        name: z.string().max(200),
        offset: z.number().int().min(0),
        bytes: z.instanceof(Blob).refine(piece => piece.size <= 4_194_304, "expected a piece of at most 4 MiB"),
        last: z.boolean()
      })
    )
    .output(z.object({ bytes: z.number(), done: z.boolean() })),
  /** Verifies a whole Bundle, then writes what its report announces, or nothing. */
  importBundle: verb
    .input(
      z.object({
        path: z.string().min(1),
        dryRun: z.boolean().optional(),
        /** Fingerprint of a version of a root that somebody compared by other means. */
        trustRoot: z
          .string()
          .regex(/^[0-9a-f]{64}$/, "expected a fingerprint of 64 hex digits")
          .optional(),
        /** Also writes Pending Mappings, for this store's own reviewers. */
        pending: z.boolean().optional()
      })
    )
    .output(bundleReport.extend({ written: z.boolean() })),
  /** The same report without a store; `trustRoot` names the root that is taken for confirmed. */
  verifyBundle: verb
    .input(
      z.object({
        path: z.string().min(1),
        trustRoot: z
          .string()
          .regex(/^[0-9a-f]{64}$/, "expected a fingerprint of 64 hex digits")
          .optional()
      })
    )
    .output(bundleReport),
  keys: verb.input(z.object({})).output(
    z.object({
      keys: z.array(keySummarySchema),
      /** Files in the user's folder that cannot be read as keys: damaged, half copied, or of a newer format. */
      refused: z.array(z.object({ file: z.string(), reason: z.string() })),
      /** Why the operating system keeps no keys here; null where it can. */
      vault: z.string().nullable()
    })
  ),
  /** Without a passphrase, the keys that the operating system keeps. */
  unlock: verb
    .input(z.object({ passphrase: z.string().optional(), key: keyIdSchema.optional() }))
    .output(z.object({ unlocked: z.array(keyIdSchema) })),
  lock: verb.input(z.object({})).output(z.object({ locked: z.array(keyIdSchema) })),
  createKey: verb
    .input(
      z.object({
        purpose: z.enum(keyPurposes),
        name: z.string().min(1).max(100),
        owner: z.string().min(1).max(100),
        passphrase: z.string().optional(),
        kdf: kdf.optional()
      })
    )
    .output(keySummarySchema),
  /** The public half of a key, as a file and as PEM; a secret half never leaves the engine. */
  exportKey: verb.input(z.object({ key: keyPrefix })).output(z.object({ document: publicKeySchema, pem: z.string() })),
  /**
   * A public half enters the root in `role`; an encrypted key file joins the keys of this machine, closed. With `preview` nothing
   * is signed or written. `ledger` lists the store's ledger too, which the file names.
   */
  importKey: verb
    .input(
      z.object({
        file: z.string().max(65_536),
        role: z.enum(roles).optional(),
        name: z.string().min(1).max(100).optional(),
        owner: z.string().min(1).max(100).optional(),
        ledger: z.boolean().optional(),
        preview: z.boolean().optional(),
        ...keyTerms
      })
    )
    .output(
      z.object({
        id: keyIdSchema,
        kind: z.enum(["public", "secret"]),
        /** Version of the root it entered (with `preview`: would enter); null where the root stays as it is. */
        rootVersion: z.number().int().nullable(),
        changes: verdictChanges
      })
    ),
  /** A key of this machine enters the root: one that was made while the root keys were locked. */
  enrolKey: verb
    .input(z.object({ key: keyPrefix, preview: z.boolean().optional(), ...keyTerms }))
    .output(z.object({ id: keyIdSchema, rootVersion: z.number().int(), changes: verdictChanges })),
  /** A new key in the place of an old one; what the old one signed until now still counts. With `preview` nothing is made. */
  rotateKey: verb
    .input(z.object({ key: keyPrefix, passphrase: z.string().optional(), kdf: kdf.optional(), preview: z.boolean().optional() }))
    .output(z.object({ old: keyIdSchema, key: keySummarySchema.nullable(), rootVersion: z.number().int(), changes: verdictChanges })),
  /** Drops a key without successor. With `preview` nothing is signed. */
  retireKey: verb
    .input(z.object({ key: keyPrefix, preview: z.boolean().optional() }))
    .output(z.object({ id: keyIdSchema, rootVersion: z.number().int().nullable(), changes: verdictChanges })),
  /** Puts every unprotected key under a passphrase. Copies made before keep the key in clear: rotate. */
  protectKeys: verb
    .input(z.object({ passphrase: z.string().min(1), kdf: kdf.optional() }))
    .output(z.object({ protected: z.array(keyIdSchema) })),
  /** Lets the operating system open the keys that this passphrase opens, beside it; the desktop only, and only where it protects. */
  keepKeys: verb.input(z.object({ passphrase: z.string().min(1) })).output(z.object({ kept: z.array(keyIdSchema) })),
  /** Takes the keys out of the operating system's store again; their passphrase opens them as before. */
  forgetKeys: verb.input(z.object({})).output(z.object({ forgotten: z.array(keyIdSchema) })),
  /** The next version of the own root as an unsigned document, to be carried to root keys that are kept elsewhere. */
  prepareRoot: verb
    .input(
      z.object({
        add: z
          .array(z.object({ file: z.string().max(65_536), role: z.enum(roles), ...keyTerms }))
          .max(64)
          .optional(),
        remove: z.array(keyPrefix).max(64).optional(),
        thresholds: z.partialRecord(z.enum(roles), z.number().int().min(1).max(64)).optional(),
        expires: z.string().optional()
      })
    )
    .output(
      z.object({
        document: envelopeText,
        version: z.number().int(),
        fingerprint: z.string(),
        changes: verdictChanges,
        /** What the authority of that version has to sign in the same step, where its keys are kept elsewhere too. */
        also: z.array(z.object({ kind: z.enum(["policy", "revocations"]), document: envelopeText }))
      })
    ),
  /**
   * Adds the signatures of the open keys of this machine to a prepared document: root keys to a root, authority keys to a policy,
   * to revocations and to the acceptance of a foreign root.
   */
  signRoot: verb
    .input(z.object({ document: envelopeText, key: keyIdSchema.optional() }))
    .output(z.object({ document: envelopeText, version: z.number().int(), fingerprint: z.string(), signedBy: z.array(keyIdSchema) })),
  /** Joins the signatures of prepared documents, checks the thresholds (of a root, those of both versions), and puts them in force. */
  assembleRoot: verb.input(z.object({ documents: z.array(envelopeText).min(1).max(64) })).output(
    z.object({
      /** What was put in force; version and fingerprint are those of the first. */
      kinds: z.array(z.enum(["root", "policy", "revocations", "acceptance"])).min(1),
      version: z.number().int(),
      fingerprint: z.string(),
      changes: verdictChanges,
      notes: z.array(z.string())
    })
  ),
  /**
   * Confirms the store's own root by the fingerprint of any of its versions: until then a store from elsewhere serves nothing. With
   * `file`, the foreign root in it, which our authority accepts; with `prepare` that acceptance is answered unsigned.
   */
  confirmRoot: verb
    .input(z.object({ fingerprint: z.string().max(200), file: envelopeText.optional(), prepare: z.boolean().optional() }))
    .output(
      z.object({ id: z.string(), version: z.number().int(), origin: z.string(), already: z.boolean(), document: envelopeText.optional() })
    ),
  /** The own root as one file, all versions and its revocations: what others confirm by its fingerprint. */
  exportRoot: verb
    .input(z.object({}))
    .output(z.object({ file: envelopeText, id: z.string(), version: z.number().int(), fingerprint: z.string() })),
  root: verb.input(z.object({})).output(
    z.object({
      own: z
        .object({ id: z.string(), version: z.number().int(), expires: z.string(), document: z.string(), fingerprints: z.array(z.string()) })
        .nullable(),
      foreign: z.array(z.object({ id: z.string(), version: z.number().int(), expires: z.string(), document: z.string() })),
      revocations: z.string().nullable()
    })
  ),
  policy: verb
    .input(z.object({}))
    .output(z.object({ policy: trustPolicySchema, digest: digestSchema, believed: z.boolean(), why: z.string() })),
  /** With `preview`, nothing is signed: only which Mappings would change Verdict. */
  setPolicy: verb
    .input(
      z.object({ policy: z.union([z.enum(presets), trustPolicySchema]), preview: z.boolean().optional(), prepare: z.boolean().optional() })
    )
    .output(
      z.object({
        digest: digestSchema,
        changes: z.array(
          z.object({ mapping: digestSchema, task: z.string(), before: z.enum(verdictStates), after: z.enum(verdictStates) })
        ),
        /** With `prepare`: the policy as an unsigned document, to be carried to authority keys that are kept elsewhere. */
        document: envelopeText.optional()
      })
    )
}

export type Contract = typeof contract
export type VerbName = keyof Contract

type Schemas<V extends VerbName> = Contract[V]["~orpc"]
export type InputOf<V extends VerbName> = z.input<NonNullable<Schemas<V>["inputSchema"]>>
export type ParsedOf<V extends VerbName> = z.output<NonNullable<Schemas<V>["inputSchema"]>>
export type AnswerOf<V extends VerbName> = z.output<NonNullable<Schemas<V>["outputSchema"]>>

/** What a caller may hand a verb beside its input. */
export interface CallContext {
  readonly signal?: AbortSignal
  /** At most 10 a second. */
  readonly onProgress?: (progress: { readonly step: string; readonly done: number; readonly total: number | null }) => void
}

/** The contract as an object: what `openEngine` answers and every door serves. */
export type EngineVerbs = { readonly [V in VerbName]: (input: InputOf<V>, context?: CallContext) => Promise<AnswerOf<V>> }

export type ModuleRow = z.output<typeof row>
export type FindTerms = z.output<typeof findTerms>
export type ShownModule = z.output<typeof shown>
export type AttestationView = z.output<typeof attestationView>
export type AuditFinding = z.output<typeof finding>
export type EngineStatus = z.output<typeof status>
export type ExampleResult = z.output<typeof exampleResult>
export type BundleReport = z.output<typeof bundleReport>
export type BundledMapping = z.output<typeof bundledMapping>
export type BundledRoot = z.output<typeof bundledRoot>
export type BundledLedger = z.output<typeof bundledLedger>
export type RuleView = z.output<typeof ruleSchema>
