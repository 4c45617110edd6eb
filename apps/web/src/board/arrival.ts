import type { ExcalidrawImperativeAPI } from '@excalidraw/excalidraw/types'
import type { Board } from '@mindfuse/client'
import { readScene } from '@mindfuse/scene'
import { useEffect } from 'react'
import { showElement } from './element-links.ts'
import { follow } from './follow.ts'

/** What the query of a board's address leads to. */
type Destination =
  | { kind: 'all' }
  | { kind: 'person'; userId: string }
  | { kind: 'element'; elementId: string }

/** What a user moves the view with, or draws. */
const ACTIONS = ['pointerdown', 'wheel', 'keydown'] as const

function destinationOf(search: string): Destination {
  const query = new URLSearchParams(search)
  const [userId, elementId] = [query.get('follow'), query.get('element')]
  if (userId) return { kind: 'person', userId }
  return elementId ? { kind: 'element', elementId } : { kind: 'all' }
}

/** Whether the address of the page leads to no place on the board. */
export const leadsToAll = (): boolean => destinationOf(location.search).kind === 'all'

/**
 * Shows what the address leads to, as soon as that is there: all of the board, an element, or what a person sees. What
 * this device keeps of the board was shown before: all of it is looked at again unless the user has begun meanwhile.
 *
 * @param visit another object after each navigation
 */
export function useArrival(board: Board, api: ExcalidrawImperativeAPI | null, visit: object): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: a navigation may lead to another place of the board
  useEffect(() => {
    if (!api) return
    const destination = destinationOf(location.search)
    let hasArrived = false
    const begun = new AbortController()
    const arrive = () => {
      if (hasArrived || !isShown(board, api)) return
      hasArrived = true
      if (destination.kind === 'all' && begun.signal.aborted) return
      hasArrived = goTo(destination, board, api)
    }
    for (const action of ACTIONS) {
      addEventListener(action, () => begun.abort(), { capture: true, signal: begun.signal })
    }
    const stops = [
      api.onChange(arrive),
      board.on('synced', arrive),
      board.on('status', arrive),
      board.presence.on('sync', arrive),
      board.presence.on('join', arrive),
    ]
    arrive()
    return () => {
      begun.abort()
      for (const stop of stops) stop()
    }
  }, [board, api, visit])
}

/** Whether the editor has what the board has, or had when it was last online. */
function isShown(board: Board, api: ExcalidrawImperativeAPI): boolean {
  const isKnown = board.synced || board.status.kind === 'offline'
  if (!isKnown || api.getAppState().isLoading) return false
  return api.getSceneElements().length > 0 || readScene(board.doc).elements.length === 0
}

/** @returns whether it could */
function goTo(destination: Destination, board: Board, api: ExcalidrawImperativeAPI): boolean {
  switch (destination.kind) {
    case 'all':
      api.scrollToContent(undefined, { fitToContent: true })
      return true
    case 'element':
      showElement(api, destination.elementId)
      return true
    case 'person': {
      const isFollowing = follow(board, api, destination.userId)
      if (isFollowing) history.replaceState(null, '', location.pathname)
      return isFollowing
    }
  }
}
