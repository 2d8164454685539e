/** Binds the verbs to an open store and so implements the contract: input is parsed here, once, and a defect becomes a failure with a code. */
import type { AnswerOf, CallContext, EngineVerbs, InputOf, ParsedOf, VerbName } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import { parseInput } from "../../shared/verb-input.ts"
import { activity } from "./activity.ts"
import { alias } from "./alias.ts"
import { audit } from "./audit.ts"
import { blob } from "./blob.ts"
import { unitsOf } from "./build.ts"
import { compile } from "./compile.ts"
import { delegate } from "./delegate.ts"
import { difference } from "./difference.ts"
import { evaluate } from "./evaluate.ts"
import { evict } from "./evict.ts"
import { exportBundle } from "./export.ts"
import { feedback } from "./feedback.ts"
import { find, finderOf } from "./find.ts"
import { createFindSessions } from "./find-session.ts"
import { exportRoot } from "./foreign-root.ts"
import { gc } from "./gc.ts"
import { hits } from "./hits.ts"
import { importBundle } from "./import.ts"
import { createJobs, type Jobs } from "./jobs.ts"
import {
  createKey,
  enrolKey,
  exportKey,
  forgetKeys,
  importKey,
  keepKeys,
  keys,
  lock,
  protectKeys,
  retireKey,
  rotateKey,
  unlock
} from "./keys.ts"
import type { LibraryReport } from "./library.ts"
import { list, review } from "./list.ts"
import { lookup } from "./lookup.ts"
import type { OpenStore } from "./open-store.ts"
import { policy, setPolicy } from "./policy.ts"
import { probeVerb } from "./probe.ts"
import { checkLedger, ledger, prove, signCheckpoint } from "./proof.ts"
import { publish } from "./publish.ts"
import type { ModelChange } from "./reembed.ts"
import { revoke } from "./revoke.ts"
import { root } from "./root.ts"
import { assembleRoot, confirmRoot, prepareRoot, signRoot } from "./root-change.ts"
import { run } from "./run.ts"
import { changeSettings, lookupUnder, runUnder, settings } from "./settings.ts"
import { disassemble, show } from "./show.ts"
import { reviewStatement, signOff } from "./sign-off.ts"
import { statusOf } from "./status.ts"
import { usage } from "./usage.ts"
import { verify } from "./verify.ts"
import { verifyBundle } from "./verify-bundle.ts"
import { worth } from "./worth.ts"

export interface Engine extends EngineVerbs {
  /** Publishes the Modules that ship; not part of the contract: only a first start does it. */
  publishLibrary(onProgress?: CallContext["onProgress"]): Promise<LibraryReport>
  /**
   * Gives every Mapping a vector of the model in `directory` (null: the one that ships) and makes it the store's; this engine goes on with the
   * old one. Not part of the contract: it names a path, and who uses it opens the store again.
   */
  reembed(directory: string | null, context?: CallContext): Promise<ModelChange>
  /** Waits for what is being written, ends the processes and releases the store. */
  close(): Promise<void>
}

export interface EngineLife {
  library(onProgress?: CallContext["onProgress"]): Promise<LibraryReport>
  reembed(directory: string | null, context?: CallContext): Promise<ModelChange>
  close(): Promise<void>
}

type Verbs = { readonly [V in VerbName]: (input: ParsedOf<V>, context: CallContext) => Promise<AnswerOf<V>> }

export function createEngine(store: OpenStore, life: EngineLife): Engine {
  const { trust } = store
  const bench = {
    runtime: store.runtime,
    clock: store.ports.clock,
    sandbox: store.ports.sandbox,
    interpret: store.interpret,
    unitsOf: (imports: Parameters<typeof unitsOf>[0]) => unitsOf(imports, { trust, blobs: store.ports.blobs })
  }
  const searches = createFindSessions(finderOf(store), store.ports.clock)
  const jobs = createJobs(() => store.ports.clock.nowMs())
  const verbs: Verbs = {
    jobs: async () => ({ jobs: jobs.list() }),
    status: () => statusOf(store),
    compile: input => compile(input, bench),
    evaluate: (input, context) => evaluate(input, bench, context),
    publish: (input, context) => publish(input, store, context),
    lookup: (input, context) => lookup(lookupUnder(input, store.settings.get()), store, context),
    feedback: input => feedback(input, store),
    alias: (input, context) => alias(input, store, context),
    find: (input, context) => find(input, store, context),
    findStart: input => searches.start(input),
    findNext: (input, context) => searches.next(input, context),
    probe: (input, context) => probeVerb(input, store, context),
    list: input => list(input, store),
    show: input => show(input, store),
    disassemble: input => disassemble(input, store),
    blob: input => blob(input, store),
    run: (input, context) => run(runUnder(input, store.settings.get()), store, context),
    signOff: input => signOff(input, trust),
    reviewStatement: input => reviewStatement(input, trust),
    difference: (input, context) => difference(input, store, context),
    review: input => review(input, store),
    verify: input => verify(input, trust),
    revoke: input => revoke(input, trust),
    audit: (input, context) => audit(input, store, context),
    gc: (input, context) => gc(input, store, context),
    evict: (input, context) => evict(input, store, context),
    usage: input => usage(input, store),
    activity: input => activity(input, store),
    hits: input => hits(input, store),
    worth: input => worth(input, store),
    delegate: (input, context) => delegate(input, store, context),
    ledger: input => ledger(input, trust),
    checkLedger: input => checkLedger(input, trust),
    signCheckpoint: input => signCheckpoint(input, trust),
    prove: input => prove(input, trust),
    bundles: async () => noBundleFolder(),
    uploadBundle: async () => noBundleFolder(),
    exportBundle: (input, context) => exportBundle(input, store, context),
    importBundle: (input, context) => importBundle(input, store, context),
    verifyBundle: (input, context) =>
      verifyBundle(
        input,
        {
          bundles: store.ports.bundles,
          clock: store.ports.clock,
          crypto: store.ports.crypto,
          runtime: store.runtime,
          validates: trust.tools.validates
        },
        context
      ),
    settings: () => settings(store),
    changeSettings: input => changeSettings(input, store),
    keys: input => keys(input, trust),
    unlock: input => unlock(input, trust),
    lock: input => lock(input, trust),
    createKey: input => createKey(input, trust),
    exportKey: input => exportKey(input, trust),
    importKey: input => importKey(input, trust),
    enrolKey: input => enrolKey(input, trust),
    rotateKey: input => rotateKey(input, trust),
    retireKey: input => retireKey(input, trust),
    protectKeys: input => protectKeys(input, trust),
    keepKeys: input => keepKeys(input, trust),
    forgetKeys: input => forgetKeys(input, trust),
    prepareRoot: input => prepareRoot(input, trust),
    signRoot: input => signRoot(input, trust),
    assembleRoot: input => assembleRoot(input, trust),
    confirmRoot: input => confirmRoot(input, trust),
    exportRoot: input => exportRoot(input, trust),
    root: input => root(input, trust),
    policy: input => policy(input, trust),
    setPolicy: input => setPolicy(input, trust)
  }
  let closing: Promise<void> | null = null
  const isClosed = () => closing !== null
  return {
    ...bindAll(verbs, isClosed, jobs),
    publishLibrary: life.library,
    reembed: life.reembed,
    close() {
      closing ??= life.close()
      return closing
    }
  }
}

/** Only a door for people has one (`withBundleFolder`). */
function noBundleFolder(): never {
  throw new EngineFailure("not-permitted", "this door has no folder of Bundles: name a path")
}

/** Every verb with its input parsed by the contract's schema. */
export function bindAll<V extends VerbName>(verbs: Pick<Verbs, V>, isClosed: () => boolean, jobs?: Jobs): Pick<EngineVerbs, V> {
  const names = Object.keys(verbs) as V[]
  return Object.fromEntries(names.map(name => [name, bound(name, verbs[name], isClosed, jobs)])) as Pick<EngineVerbs, V>
}

function bound<V extends VerbName>(name: V, verb: Verbs[V], isClosed: () => boolean, jobs: Jobs | undefined): EngineVerbs[V] {
  const call = async (input: InputOf<V>, context: CallContext = {}): Promise<AnswerOf<V>> => {
    if (isClosed()) throw new EngineFailure("engine-stopped", "the engine is closed")
    const parsed = parseInput(name, input)
    const watched = jobs?.watch(name, context)
    try {
      return await verb(parsed, watched?.context ?? context)
    } catch (error) {
      if (error instanceof EngineFailure) throw error
      throw new EngineFailure(
        "internal",
        `${name} met a defect of the engine: ${error instanceof Error ? error.message : String(error)}`,
        {},
        { cause: error }
      )
    } finally {
      watched?.ended()
    }
  }
  return call as EngineVerbs[V]
}
