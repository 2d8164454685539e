/** English of the Dashboard. */

export const dashboardStrings = {
  title: "Dashboard"
}
