import { Component, type ReactNode } from 'react'
import { FailedPage } from '../pages/problem-pages.tsx'

/** Shows that a page failed: its script could not be loaded, after a new release for example, or has a fault. */
export class FailureBoundary extends Component<{ children: ReactNode }, { hasFailed: boolean }> {
  static getDerivedStateFromError() {
    return { hasFailed: true }
  }

  override state = { hasFailed: false }

  override render() {
    return this.state.hasFailed ? <FailedPage /> : this.props.children
  }
}
