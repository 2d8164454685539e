/** What main and the engine process tell each other over the parent port; runner, index and windows are reached by the ports handed along. */
import type { FailureWire } from "../../shared/failure.ts"

export type HelperEntry = "runner" | "lance" | "interpreter"

/** What the engine process opens; places default as on the command line. */
export interface OpenOptions {
  readonly store?: string
  readonly home?: string
  readonly passphrase?: string
}

export type ToEngine =
  | { readonly kind: "open"; readonly options: OpenOptions }
  /** Comes with the port of a window. */
  | { readonly kind: "client"; readonly client: number }
  | { readonly kind: "drop-client"; readonly client: number }
  /** Comes with the port of a helper process that was asked for. */
  | { readonly kind: "helper"; readonly id: number; readonly pid: number | null }
  | { readonly kind: "helper-exit"; readonly id: number; readonly code: number | null }
  /** To the `vault` question of this id: `text` where there is an answer, else `problem` says why not. */
  | { readonly kind: "vault"; readonly id: number; readonly text?: string; readonly renew?: boolean; readonly problem?: string }
  | { readonly kind: "stop" }

export type FromEngine =
  | { readonly kind: "opened" }
  | { readonly kind: "failed"; readonly failure: FailureWire }
  | { readonly kind: "launch"; readonly id: number; readonly entry: HelperEntry }
  | { readonly kind: "kill"; readonly id: number }
  /** The operating system's store of secrets: whether it can be used, or a file key (base64) to seal, or what it sealed to open. */
  | { readonly kind: "vault"; readonly id: number; readonly ask: "problem" | "seal" | "open"; readonly text: string }
  | { readonly kind: "stopped" }
