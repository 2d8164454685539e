/** English of the Bundles screen. */

export const bundlesStrings = {
  title: "Bundles"
}
