import type { ExcalidrawImperativeAPI } from '@excalidraw/excalidraw/types'
import { paths, routeOf } from '../app/router.ts'
import { messages } from '../language/language.ts'

/** The address of an element, a frame or a group on a board. */
export function linkToElement(boardId: string, elementId: string): string {
  return `${location.origin}${paths.board(boardId)}?element=${encodeURIComponent(elementId)}`
}

/** The path and query of a link that leads to a board of ours. */
export function pathOfLink(link: string): string | undefined {
  const { origin, pathname, search } = new URL(link, location.href)
  const isOurs = origin === location.origin && routeOf(pathname).kind === 'board'
  return isOurs ? pathname + search : undefined
}

/** Shows an element, or all of a group, and selects it. */
export function showElement(api: ExcalidrawImperativeAPI, id: string): void {
  const elements = api
    .getSceneElements()
    .filter((element) => element.id === id || element.groupIds.includes(id))
  if (elements.length === 0) {
    api.setToast({ message: messages().text('board.elementGone') })
    return
  }
  api.scrollToContent(elements, { fitToContent: true })
  const selectedElementIds = Object.fromEntries(
    elements.map((element) => [element.id, true as const]),
  )
  api.updateScene({ appState: { selectedElementIds } })
}
