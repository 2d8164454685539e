/** English of the Review screen. */

export const reviewStrings = {
  title: "Review"
}
