/** English of the Ledger screen. */

export const ledgerStrings = {
  title: "Ledger"
}
