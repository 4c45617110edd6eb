import { BOARD_ROLES, USER_KINDS } from '@mindfuse/protocol'
import { type Static, Type } from 'typebox'
import { boardParamsSchema } from '../boards/schemas.ts'
import { idSchema } from '../http/fields.ts'
import { pageSchema } from '../http/pagination.ts'

/** Somebody who came to a board by a link. */
export const guestSchema = Type.Object({
  userId: idSchema,
  name: Type.String(),
  kind: Type.Enum([...USER_KINDS], { description: 'guest, or person with an account' }),
  linkId: idSchema,
  role: Type.Enum([...BOARD_ROLES], {
    description: 'what the link gives them, before the workspace’s setting for guests',
  }),
  openedAt: Type.String({ format: 'date-time' }),
})

/** See {@link guestSchema}. */
export type Guest = Static<typeof guestSchema>

/** A page of guests. */
export const guestPageSchema = pageSchema(guestSchema, 'A page of who came by which link')

/** Path of one guest. */
export const guestParamsSchema = Type.Object({ ...boardParamsSchema.properties, userId: idSchema })
