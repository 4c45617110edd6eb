import '@excalidraw/excalidraw/index.css'
import type { ExcalidrawImperativeAPI } from '@excalidraw/excalidraw/types'
import type { ReactElement } from 'react'
import { createRoot } from 'react-dom/client'

declare global {
  interface Window {
    /** For the test, once it is there. */
    excalidraw?: ExcalidrawImperativeAPI
  }
}

export function expose(api: ExcalidrawImperativeAPI): void {
  window.excalidraw = api
}

export function show(page: ReactElement): void {
  const root = document.querySelector('#root')
  if (root) createRoot(root).render(page)
}
