/** Where menus and lists of choices are put: inside a landmark, so that people who walk by landmarks find them. */

export const popupLayerId = "popups"

export function popupLayer(): HTMLElement | null {
  return document.getElementById(popupLayerId)
}
