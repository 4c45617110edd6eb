import { type Static, Type } from 'typebox'

const UUID = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}'

/** What the place of a workspace begins with. */
const WORKSPACE_PREFIX = 'workspace:'

/** Where whoever has a session may connect: they join channels from there, and see nobody. */
export const LOBBY = 'lobby'

/**
 * A place that somebody may be let into: a board, which is named by its id; a workspace, as `workspace:<id>`; or
 * {@link LOBBY}. Access is asked for, announced, kept and swept by places.
 */
export const placeSchema = Type.String({ pattern: `^((${WORKSPACE_PREFIX})?${UUID}|${LOBBY})$` })

/** See {@link placeSchema}. */
export type Place = Static<typeof placeSchema>

export function workspacePlace(workspaceId: string): Place {
  return WORKSPACE_PREFIX + workspaceId
}

/** The workspace that a place is; undefined for any other. */
export function workspaceOf(place: Place): string | undefined {
  return place.startsWith(WORKSPACE_PREFIX) ? place.slice(WORKSPACE_PREFIX.length) : undefined
}
