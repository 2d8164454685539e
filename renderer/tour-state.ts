/** Whether the tour is shown: once on a first start, and again when somebody asks for it. */
import { create } from "zustand"

const key = "l4-tour"

export const useTour = create<{ readonly step: number | null }>(() => ({ step: localStorage.getItem(key) === null ? 0 : null }))

export function goToStep(step: number): void {
  useTour.setState({ step })
}

export function startTour(): void {
  useTour.setState({ step: 0 })
}

export function endTour(): void {
  localStorage.setItem(key, "done")
  useTour.setState({ step: null })
}
