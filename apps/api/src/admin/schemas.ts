import { WORKSPACE_ROLES } from '@mindfuse/protocol'
import { type Static, Type } from 'typebox'
import { closedObject, idSchema, searchSchema } from '../http/fields.ts'
import { pageQuerySchema, pageSchema } from '../http/pagination.ts'

const timeSchema = Type.String({ format: 'date-time' })
const timeOrNull = (description: string) => Type.Union([timeSchema, Type.Null()], { description })

/** Query of the lists of people and boards. */
export const searchQuerySchema = closedObject({
  ...pageQuerySchema.properties,
  query: searchSchema,
})

/** See {@link searchQuerySchema}. */
export type SearchQuery = Static<typeof searchQuerySchema>

/** Path of one person. */
export const personParamsSchema = Type.Object({ personId: idSchema })

const reasonSchema = Type.Optional(
  Type.String({
    minLength: 1,
    maxLength: 500,
    description: 'for the audit, where it stays: not the place for what is personal',
  }),
)

/** Body of an act that needs no more than a reason. */
export const actSchema = closedObject({ reason: reasonSchema })

/** A person as administrators see them in a list. */
const personSchema = Type.Object({
  id: idSchema,
  email: Type.Union([Type.String(), Type.Null()]),
  name: Type.String(),
  identity: Type.String({ description: '`<provider>:<subject>`, as `ADMINS` names people' }),
  isAdmin: Type.Boolean(),
  createdAt: timeSchema,
  disabledAt: timeOrNull('since when they may not sign in'),
})

/** See {@link personSchema}. */
export type Person = Static<typeof personSchema>

/** A page of people. */
export const peoplePageSchema = pageSchema(personSchema, 'A page of people')

/** A person as administrators see them, and what is theirs. */
export const personDetailsSchema = Type.Object(
  {
    ...personSchema.properties,
    sessions: Type.Integer({ description: 'that have not ended' }),
    workspaces: Type.Array(
      Type.Object({
        id: idSchema,
        name: Type.String(),
        type: Type.Enum(['personal', 'team']),
        role: Type.Enum([...WORKSPACE_ROLES]),
      }),
      { description: 'the 1,000 joined last' },
    ),
    owned: Type.Object(
      { boards: Type.Integer(), storageBytes: Type.Integer(), assetBytes: Type.Integer() },
      {
        description:
          'in all workspaces that they own but those with a quota of their own, including the trash',
      },
    ),
  },
  { description: 'The person' },
)

/** See {@link personDetailsSchema}. */
export type PersonDetails = Static<typeof personDetailsSchema>

/** A board as administrators see it in a list. */
const adminBoardSchema = Type.Object({
  id: idSchema,
  name: Type.String(),
  workspaceId: idSchema,
  workspaceName: Type.String(),
  createdAt: timeSchema,
  updatedAt: timeSchema,
  trashedAt: timeOrNull('since when it is in the trash'),
})

/** See {@link adminBoardSchema}. */
export type AdminBoard = Static<typeof adminBoardSchema>

/** A page of boards. */
export const adminBoardPageSchema = pageSchema(adminBoardSchema, 'A page of boards')

/** A board as administrators see it: everything but what is on it. */
export const adminBoardDetailsSchema = Type.Object(
  {
    ...adminBoardSchema.properties,
    seq: Type.Integer({ description: 'number of the newest stored edit' }),
    storageBytes: Type.Integer({ description: 'its document, versions and quarantined data' }),
    assets: Type.Integer({ description: 'files beside its document' }),
    assetBytes: Type.Integer({ description: 'how large they are together' }),
    members: Type.Integer({ description: 'people on the board itself' }),
    connections: Type.Union([Type.Integer(), Type.Null()], {
      description: 'on all gateways; null where that is unknown',
    }),
    quarantined: Type.Integer({ description: 'parts in quarantine' }),
    damagedAt: timeOrNull('since when its snapshot cannot be read'),
    buildFailure: Type.Union([Type.Enum(['too_costly', 'too_large', 'broken']), Type.Null()], {
      description: 'why it is not merged',
    }),
  },
  { description: 'The board' },
)

/** See {@link adminBoardDetailsSchema}. */
export type AdminBoardDetails = Static<typeof adminBoardDetailsSchema>

/** A board with parts in quarantine. */
const quarantinedBoardSchema = Type.Object({
  boardId: idSchema,
  boardName: Type.String(),
  updates: Type.Integer(),
  snapshots: Type.Integer(),
  bytes: Type.Integer(),
  reason: Type.String({ description: 'of the newest' }),
  quarantinedAt: timeSchema,
})

/** See {@link quarantinedBoardSchema}. */
export type QuarantinedBoard = Static<typeof quarantinedBoardSchema>

/** A page of boards with parts in quarantine. */
export const quarantinePageSchema = pageSchema(
  quarantinedBoardSchema,
  'A page of boards with parts in quarantine',
)

/** What became of a board's updates in quarantine. */
export const requeuedSchema = Type.Object(
  {
    requeued: Type.Integer({ description: 'updates that were stored again' }),
    left: Type.Integer({ description: 'updates that are still in quarantine' }),
  },
  { description: 'How many were stored again' },
)

/** See {@link requeuedSchema}. */
export type Requeued = Static<typeof requeuedSchema>

/** Who is connected to a board. */
export const connectedPeopleSchema = Type.Object(
  {
    people: Type.Array(
      Type.Object({
        id: idSchema,
        name: Type.String(),
        connections: Type.Integer({ description: 'of theirs to this board, on all gateways' }),
      }),
      { description: 'up to 1,000, by name' },
    ),
    total: Type.Integer({ description: 'how many people there are' }),
  },
  { description: 'The people who are connected' },
)

/** See {@link connectedPeopleSchema}. */
export type ConnectedPeople = Static<typeof connectedPeopleSchema>

/** Body of `POST /api/admin/boards/{boardId}/move`. */
export const moveBoardSchema = closedObject({
  workspaceId: idSchema,
  force: Type.Optional(
    Type.Boolean({ description: 'also where that passes quotas of the workspace or its owner' }),
  ),
  reason: reasonSchema,
})

/** See {@link moveBoardSchema}. */
export type MoveBoard = Static<typeof moveBoardSchema>

const ownLimitSchema = Type.Optional(
  Type.Union([Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }), Type.Null()], {
    description: '0 is no limit; null, or nothing, is the quota that all workspaces have',
  }),
)

/** Body of `PUT /api/admin/workspaces/{workspaceId}/quota`. */
export const workspaceQuotaSchema = closedObject({
  maxBoards: ownLimitSchema,
  maxStorageBytes: ownLimitSchema,
  maxAssetBytes: ownLimitSchema,
  reason: reasonSchema,
})

/** See {@link workspaceQuotaSchema}. */
export type WorkspaceQuota = Static<typeof workspaceQuotaSchema>

/** Body of `POST /api/admin/workspaces/{workspaceId}/owner`. */
export const makeOwnerSchema = closedObject({ personId: idSchema, reason: reasonSchema })

/** Which administrator did what to whom, when and why. */
const adminAuditEntrySchema = Type.Object({
  id: idSchema,
  actor: Type.String({ description: 'the id of an administrator, or `cli` for the command line' }),
  action: Type.String(),
  targetType: Type.String(),
  targetId: idSchema,
  reason: Type.Union([Type.String(), Type.Null()]),
  changes: Type.Object({}, { additionalProperties: true, description: 'what is different since' }),
  requestId: Type.Union([Type.String(), Type.Null()]),
  createdAt: timeSchema,
})

/** See {@link adminAuditEntrySchema}. */
export type AdminAuditEntry = Static<typeof adminAuditEntrySchema>

/** A page of the audit of administration. */
export const adminAuditPageSchema = pageSchema(
  adminAuditEntrySchema,
  'A page of the audit of administration',
)
