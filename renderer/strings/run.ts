/** English of the host's recorded answers on the Run screen. */

export const answersStrings = {
  title: "Recorded host answers",
  none: "This Mapping may ask the host. Without a recorded answer a Run stops at the call and says what was asked.",
  help: "They are given in this order, one a call. A call that differs from its row stops the Run.",
  add: "Add an answer",
  addAsked: "Answer this call",
  remove: (position: number) => `Remove answer ${position}`,
  part: (position: number, what: string) => `${what} of answer ${position}`,
  capability: "Capability",
  arguments: "Arguments, one vector",
  ended: "It ended in",
  kinds: { value: "a value", failure: "a failure" },
  value: "Value, an RTFS literal",
  failure: "Words of the failure",
  asJson: "Answers as JSON",
  used: "Answers used",
  problem: (position: number, what: string) => `Answer ${position}: ${what}`,
  capabilityMissing: "expected the name of a capability",
  vectorExpected: "expected a vector, such as [:name 1]",
  json: (why: string) => `Expected JSON: ${why}`,
  listExpected: "Expected a JSON list.",
  entryExpected: "expected {capability, arguments, value} or {capability, arguments, failure}, all of them texts"
}
