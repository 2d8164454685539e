/** The secret of one launch: who has it is the person at this machine. It travels in a fragment and a subprotocol, never in a path. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto"

const prefix = "token."

/** 32 random bytes, base64url. */
export function createToken(): string {
  return randomBytes(32).toString("base64url")
}

/** Whether a `Sec-WebSocket-Protocol` header offers `workbench.v1` and this token, and nothing else. Compared in constant time. */
export function offersToken(header: string | undefined, token: string): boolean {
  if (header === undefined || header.length > 200) return false
  const offered = header.split(",").map(part => part.trim())
  const secrets = offered.filter(part => part.startsWith(prefix))
  if (offered.length !== 2 || !offered.includes(subprotocol) || secrets.length !== 1) return false
  return timingSafeEqual(sha256(secrets[0]!.slice(prefix.length)), sha256(token))
}

export const subprotocol = "workbench.v1"

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest()
}
