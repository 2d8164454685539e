/** English of the Settings screen. */

export const settingsStrings = {
  title: "Settings"
}
