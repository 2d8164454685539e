/** English of the Author screen. */

export const authorStrings = {
  title: "Author"
}
