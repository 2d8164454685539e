/** Keys & trust: by whose word what is believed here, and changing it with open eyes. */
import { useEffect } from "react"
import { useConnection } from "../../engine.ts"
import type { Asked } from "../../parts/asked.ts"
import { FailureNote } from "../../parts/failure-note.tsx"
import { TabbedScreen } from "../../parts/tabbed-screen.tsx"
import type { KeysPart as Part, Route } from "../../route.ts"
import { navigate } from "../../route.ts"
import { useStoreStatus } from "../../store-status.ts"
import { strings } from "../../strings.ts"
import { CopyIcon } from "../../ui/copy.tsx"
import { Waiting } from "../../ui/empty.tsx"
import { KeysPart } from "./keys-part.tsx"
import { PolicyPart } from "./policy-part.tsx"
import { RevocationsPart } from "./revocations-part.tsx"
import { RootsPart } from "./roots-part.tsx"
import { readTrust, useKeys } from "./state.ts"

type KeysRoute = Extract<Route, { screen: "keys" }>

const words = strings.keys
const commands: Readonly<Record<Part, string>> = { keys: "l4 keys", roots: "l4 root", policy: "l4 policy show", revocations: "l4 root" }

export function KeysScreen({ route }: { readonly route: KeysRoute }) {
  const generation = useConnection(state => state.generation)
  useEffect(() => {
    if (generation > 0) readTrust()
  }, [generation])
  return (
    <TabbedScreen
      title={words.title}
      beside={<CopyIcon text={commands[route.part]} what={strings.copy.command} />}
      label={words.partsLabel}
      parts={words.parts}
      part={route.part}
      onPart={part => navigate({ screen: "keys", part }, { replace: true })}
    >
      <div className="min-h-0 flex-1 overflow-y-auto">
        <Shown part={route.part} />
      </div>
    </TabbedScreen>
  )
}

function Shown({ part }: { readonly part: Part }) {
  const { keys, root, policy } = useKeys()
  const readOnly = useStoreStatus(({ status }) => status?.readOnly ?? false)
  switch (part) {
    case "keys":
      return <Read asked={keys}>{answer => <KeysPart answer={answer} readOnly={readOnly} />}</Read>
    case "roots":
      return <Read asked={root}>{answer => <RootsPart answer={answer} readOnly={readOnly} />}</Read>
    case "policy":
      return <Read asked={policy}>{answer => <PolicyPart answer={answer} readOnly={readOnly} />}</Read>
    case "revocations":
      return <Read asked={root}>{answer => <RevocationsPart document={answer.revocations} readOnly={readOnly} />}</Read>
  }
}

function Read<T>({ asked, children }: { readonly asked: Asked<T>; readonly children: (answer: T) => React.ReactNode }) {
  if (asked.state === "failed") return <FailureNote failure={asked.failure} again={readTrust} />
  return asked.state === "done" ? children(asked.answer) : <Waiting text={words.loading} />
}
