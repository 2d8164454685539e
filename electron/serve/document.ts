/** The OpenAPI document of the server door, generated from the contract: the same schemas that check each request. */
import { type JSONSchema, OpenAPIGenerator } from "@orpc/openapi"
import { ZodToJsonSchemaConverter } from "@orpc/zod/zod4"
import { contract } from "../../shared/engine-contract.ts"
import { digestSchema, exampleSchema, interfaceHashSchema, interfaceSchema, mappingSchema } from "../../shared/module.ts"
import { limitsSchema, outcomeSchema } from "../../shared/run.ts"
import { keyIdSchema, verdictSchema } from "../../shared/trust.ts"
import { servedVerbs } from "./scopes.ts"

type Schema = Exclude<JSONSchema, boolean>

const digestText: Schema = { type: "string", pattern: "^sha256:[0-9a-f]{64}$" }
/** Schemas that are checked by a function, which no converter can read. */
const checked = new Map<unknown, Schema>([
  [digestSchema, digestText],
  [interfaceHashSchema, digestText],
  [keyIdSchema, { type: "string", pattern: "^[0-9a-f]{64}$" }]
])
const bytes: Schema = { type: "string", contentMediaType: "application/octet-stream" }

/** OpenAPI 3.1. `version`: the program's. */
export async function openApiDocument(version: string): Promise<object> {
  const converter = new ZodToJsonSchemaConverter({
    interceptors: [
      ({ schema, next }) => {
        const known = checked.get(schema)
        if (known !== undefined) return [true, known]
        return schema._zod.def.type === "custom" ? [true, bytes] : next()
      }
    ]
  })
  return new OpenAPIGenerator({ schemaConverters: [converter] }).generate(
    Object.fromEntries(servedVerbs.map(name => [name, contract[name]])),
    {
      info: {
        title: "L4 Workbench",
        version,
        description: "A content-addressable cache of compiled RTFS modules. Each verb is a POST with a JSON body."
      },
      servers: [{ url: "/v1" }],
      security: [{ token: [] }],
      components: { securitySchemes: { token: { type: "http", scheme: "bearer" } } },
      commonSchemas: {
        Example: { schema: exampleSchema },
        Interface: { schema: interfaceSchema },
        Mapping: { schema: mappingSchema },
        Limits: { schema: limitsSchema },
        Outcome: { schema: outcomeSchema },
        Verdict: { schema: verdictSchema },
        UndefinedError: { error: "UndefinedError" }
      }
    }
  )
}
