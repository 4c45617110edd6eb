import type { ExcalidrawImperativeAPI, SocketId } from '@excalidraw/excalidraw/types'
import type { Board } from '@mindfuse/client'

/** Follows a person's view until the user moves their own. @returns whether that person's view is known */
export function follow(board: Board, api: ExcalidrawImperativeAPI, userId: string): boolean {
  const other = board.presence.others.find(({ user, viewport }) => user.id === userId && viewport)
  if (!other) return false
  const userToFollow = { socketId: other.connectionId as SocketId, username: other.user.name }
  api.updateScene({ appState: { userToFollow } })
  return true
}
