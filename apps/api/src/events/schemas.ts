import { Type } from 'typebox'
import { closedObject } from '../http/fields.ts'

const MAX_EVENT_ID_LENGTH = 64

/** Query of `GET /api/events`. */
export const eventStreamQuerySchema = closedObject({
  workspaceId: Type.Optional(
    Type.String({ format: 'uuid', description: 'only what happens in this workspace' }),
  ),
  lastEventId: Type.Optional(
    Type.String({
      maxLength: MAX_EVENT_ID_LENGTH,
      description: 'the last event that is known, where there is no header `Last-Event-ID`',
    }),
  ),
})

/** What the route answers. */
export const eventStreamSchema = {
  description:
    'Server-sent events: `resumed`, then `boards:initial` or what was missed, then `boards:update`, ' +
    '`members:update`, `workspaces:update`, `invites:update`, `memberships:update` as things change, and `error` before ' +
    'an end that coming back with the same would not help. PROTOCOL.md describes each.',
  content: { 'text/event-stream': { schema: Type.String() } },
}
