/** Tokens of the server door: made once, shown once, kept as a hash. The file lies in the user's data folder, beside the keys. */
import { hash, randomBytes } from "node:crypto"
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from "node:fs"
import { dirname, join } from "node:path"
import { z } from "zod"
import { EngineFailure } from "../../shared/failure.ts"
import type { Scope } from "./scopes.ts"
import { scopes } from "./scopes.ts"

const tokenSchema = z.object({
  /** First 12 hex digits of the hash: names a token without giving it away. */
  id: z.string().regex(/^[0-9a-f]{12}$/),
  name: z.string().min(1).max(100),
  /** SHA-256 of the token, hex. 32 random bytes need no slow hash. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  scopes: z.array(z.enum(scopes)).min(1),
  createdMs: z.number().int(),
  /** Null: until it is revoked. */
  expiresMs: z.number().int().nullable()
})
export type Token = Readonly<z.infer<typeof tokenSchema>>

const fileSchema = z.object({ version: z.literal(1), tokens: z.array(tokenSchema).max(10_000) })

export interface TokenFile {
  list(): readonly Token[]
  /** `secret` is the token itself: it is kept nowhere. */
  create(token: { readonly name: string; readonly scopes: readonly Scope[]; readonly expiresMs: number | null }): {
    readonly token: Token
    readonly secret: string
  }
  /** Throws `unknown-key` where no token has this id. */
  revoke(id: string): Token
}

const secretPattern = /^l4_[A-Za-z0-9_-]{43}$/

/** Sees what another process changed: a revoked token is refused from then on. Throws `store-unreadable` where the file is damaged. */
export function openTokenFile(home: string, nowMs: () => number): TokenFile {
  const path = join(home, "tokens.json")
  let seen: { readonly version: string; readonly tokens: readonly Token[] } | null = null
  return {
    list() {
      const version = versionOf(path)
      if (seen?.version !== version) seen = { version, tokens: readTokens(path) }
      return seen.tokens
    },
    create({ name, scopes: granted, expiresMs }) {
      const secret = `l4_${randomBytes(32).toString("base64url")}`
      const sha256 = hashOf(secret)
      const token: Token = { id: sha256.slice(0, 12), name, sha256, scopes: [...granted], createdMs: nowMs(), expiresMs }
      writeTokens(path, [...readTokens(path), token])
      return { token, secret }
    },
    revoke(id) {
      const tokens = readTokens(path)
      const found = tokens.find(token => token.id === id)
      if (found === undefined) throw new EngineFailure("unknown-key", `no token has the id ${JSON.stringify(id)}: l4 token list shows them`)
      writeTokens(
        path,
        tokens.filter(token => token !== found)
      )
      return found
    }
  }
}

/** The token a caller shows, or null. Looked up by hash, so the comparison tells nothing of the token. */
export function tokenShown(authorization: string | undefined, tokens: readonly Token[]): Token | null {
  const [scheme, secret, ...rest] = (authorization ?? "").split(" ")
  if (scheme?.toLowerCase() !== "bearer" || secret === undefined || rest.length > 0 || !secretPattern.test(secret)) return null
  const sha256 = hashOf(secret)
  return tokens.find(token => token.sha256 === sha256) ?? null
}

function hashOf(secret: string): string {
  return hash("sha256", secret, "hex")
}

/** Another text for another content: each write makes a new file. */
function versionOf(path: string): string {
  const { ino, mtimeNs, size } = statSync(path, { bigint: true, throwIfNoEntry: false }) ?? { ino: 0n, mtimeNs: 0n, size: 0n }
  return `${ino}.${mtimeNs}.${size}`
}

function readTokens(path: string): readonly Token[] {
  const text = textOf(path)
  if (text === null) return []
  try {
    return fileSchema.parse(JSON.parse(text)).tokens
  } catch (cause) {
    throw new EngineFailure(
      "store-unreadable",
      "tokens.json in the user's data folder is damaged or of another version: no token is accepted until it is mended or removed",
      {},
      { cause }
    )
  }
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, "utf8")
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return null
    throw new EngineFailure("disk-failed", "tokens.json in the user's data folder cannot be read", {}, { cause })
  }
}

/** Beside, synced, renamed. */
function writeTokens(path: string, tokens: readonly Token[]): void {
  const beside = `${path}.${process.pid}`
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    const file = openSync(beside, "w", 0o600)
    try {
      writeSync(file, `${JSON.stringify({ version: 1, tokens }, null, 2)}\n`)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(beside, path)
  } catch (cause) {
    rmSync(beside, { force: true })
    throw new EngineFailure("disk-failed", "tokens.json in the user's data folder cannot be written", {}, { cause })
  }
}
