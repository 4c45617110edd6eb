import type { ExcalidrawImperativeAPI } from '@excalidraw/excalidraw/types'
import { type RefObject, useEffect, useRef } from 'react'

/** What would change the board, or take another tool. */
const BLOCKED = ['contextmenu', 'copy', 'cut', 'dblclick', 'drop', 'paste'] as const

/**
 * Lets the user point with the laser and change nothing: Excalidraw's view mode has no laser.
 *
 * @param onKey receives the keys that are pressed meanwhile, none of which reaches Excalidraw
 */
export function usePointing(
  api: ExcalidrawImperativeAPI | null,
  surface: RefObject<HTMLElement>,
  { isPointing, onKey }: { isPointing: boolean; onKey: (event: KeyboardEvent) => void },
): void {
  const latest = useRef(onKey)
  latest.current = onKey
  useEffect(() => {
    if (!isPointing || !api) return
    api.setActiveTool({ type: 'laser' })
    const asked = new AbortController()
    const options = { capture: true, signal: asked.signal }
    // What nothing has the focus for goes to the page itself, where Excalidraw listens too.
    const isHere = ({ target }: Event) =>
      target === document.body || (surface.current?.contains(target as Node) ?? false)
    const block = (event: Event) => {
      if (!isHere(event)) return
      event.stopImmediatePropagation()
      event.preventDefault()
    }
    for (const name of BLOCKED) addEventListener(name, block, options)
    addEventListener(
      'keydown',
      (event) => {
        if (!isHere(event)) return
        event.stopImmediatePropagation()
        latest.current(event)
      },
      options,
    )
    return () => {
      asked.abort()
      api.setActiveTool({ type: 'selection' })
    }
  }, [api, surface, isPointing])
}
