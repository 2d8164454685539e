/** Keeps a defect in one part of the window from taking the rest away. A class, because React gives functions no way to catch. */
import type { ReactNode } from "react"
import { Component } from "react"

interface BoundaryProps {
  /** What stands there instead; `again` tries the part once more. */
  readonly fallback: (error: unknown, again: () => void) => ReactNode
  /** A change of this tries once more by itself. */
  readonly resetKey?: string
  readonly children: ReactNode
}

export class Boundary extends Component<BoundaryProps, { readonly error: unknown; readonly caught: boolean }> {
  override state = { error: undefined as unknown, caught: false }

  static getDerivedStateFromError(error: unknown) {
    return { error, caught: true }
  }

  override componentDidUpdate(before: BoundaryProps): void {
    if (this.state.caught && before.resetKey !== this.props.resetKey) this.again()
  }

  again = (): void => this.setState({ error: undefined, caught: false })

  override render(): ReactNode {
    return this.state.caught ? this.props.fallback(this.state.error, this.again) : this.props.children
  }
}
