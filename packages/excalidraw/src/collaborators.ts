import type { Collaborator, SocketId } from '@excalidraw/excalidraw/types'
import type { Point, PresentConnection, PresentUser } from '@mindfuse/client'
import { huesOf } from './colors.ts'
import { idOfHue } from './excalidraw-hue.ts'
import type { LaserPoint } from './others-lasers.ts'

/** A user who has not moved for this long is idle, milliseconds. */
export const IDLE_AFTER_MS = 60_000

/** Excalidraw's `UserIdleState`, whose values are no types. */
type UserState = NonNullable<Collaborator['userState']>

type Other = PresentConnection & Pick<PresentUser, 'user'>

/** What else {@link Collaborators} go by. */
interface Circumstances {
  ownId: string | undefined
  /** Milliseconds since any time. */
  now: number
  /** What a user is called. */
  nameOf: (user: Other['user']) => string
  /** Where the laser of a connection is. */
  laserOf: (connectionId: string) => LaserPoint | undefined
}

/** The others on a board as Excalidraw shows them. */
export class Collaborators {
  readonly #moves = new Map<string, { cursor: Point | null; at: number }>()

  of(
    others: readonly Other[],
    { ownId, now, nameOf, laserOf }: Circumstances,
  ): Map<SocketId, Collaborator> {
    const ids = others.map(({ user }) => user.id)
    const hues = huesOf(ownId === undefined ? ids : [...ids, ownId])
    this.#forgetAllBut(others)
    return new Map(
      others.map((other) => {
        const { cursor, connectionId, selection, user } = other
        const collaborator: Collaborator = {
          id: idOfHue(user.id, hues.get(user.id) ?? 0),
          socketId: connectionId as SocketId,
          username: nameOf(user),
          selectedElementIds: Object.fromEntries(selection.map((id) => [id, true as const])),
          userState: this.#stateOf(other, now),
          ...(cursor && { pointer: { ...cursor, tool: 'pointer' as const } }),
          ...shownLaser(laserOf(connectionId)),
          ...(user.picture && { avatarUrl: user.picture }),
        }
        return [connectionId as SocketId, collaborator]
      }),
    )
  }

  #stateOf({ connectionId, cursor }: Other, now: number): UserState {
    const last = this.#moves.get(connectionId)
    const hasMoved = last?.cursor?.x !== cursor?.x || last?.cursor?.y !== cursor?.y
    const at = last && !hasMoved ? last.at : now
    this.#moves.set(connectionId, { cursor, at })
    if (!cursor) return 'away' as UserState
    return (now - at >= IDLE_AFTER_MS ? 'idle' : 'active') as UserState
  }

  #forgetAllBut(others: readonly Other[]): void {
    const present = new Set(others.map(({ connectionId }) => connectionId))
    for (const id of this.#moves.keys()) if (!present.has(id)) this.#moves.delete(id)
  }
}

function shownLaser(
  laser: LaserPoint | undefined,
): Pick<Collaborator, 'pointer' | 'button'> | undefined {
  if (!laser) return undefined
  const { isDown, ...point } = laser
  return { pointer: { ...point, tool: 'laser' }, button: isDown ? 'down' : 'up' }
}
