import type { ReactNode } from 'react'
import { createRoot } from 'react-dom/client'
import { test as base } from '../../../test/support/sdk-fixtures.ts'

/** What is on the page, and how to change and remove it. */
export interface Shown {
  element: HTMLElement
  text(): string
  rerender(node: ReactNode): void
  unmount(): void
}

/** A component that does what it is given, hooks too. */
export const Uses = ({ hook }: { hook: () => ReactNode }): ReactNode => hook()

/** A test that shows components, until it ends. */
export const test = base
  .extend('show', ({ task: _ }, { onCleanup }) => {
    const shown = new Set<Shown>()
    onCleanup(() => {
      for (const { unmount } of shown) unmount()
    })
    return (node: ReactNode): Shown => {
      const element = document.body.appendChild(document.createElement('main'))
      const root = createRoot(element)
      const handle: Shown = {
        element,
        text: () => element.textContent,
        rerender: (next) => root.render(next),
        unmount() {
          shown.delete(handle)
          root.unmount()
          element.remove()
        },
      }
      shown.add(handle)
      root.render(node)
      return handle
    }
  })
  .extend('client', ({ connect, ada }) => connect(ada))
