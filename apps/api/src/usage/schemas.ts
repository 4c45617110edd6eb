import { type Static, Type } from 'typebox'

/** What is used of a quota. */
const usageSchema = (description: string) =>
  Type.Object(
    {
      used: Type.Integer(),
      limit: Type.Union([Type.Integer(), Type.Null()], { description: 'null is no limit' }),
    },
    { description },
  )

/** What is used of a workspace's quotas. */
export const workspaceUsageSchema = Type.Object(
  {
    boards: usageSchema('Boards, including the trash'),
    storageBytes: usageSchema('Documents and versions, including the trash'),
    versionsPerBoard: Type.Object({ limit: Type.Union([Type.Integer(), Type.Null()]) }),
    assetBytes: usageSchema(
      'Files beside documents, including the trash; the same one on several boards counts once',
    ),
    assetBytesPerBoard: Type.Object({ limit: Type.Union([Type.Integer(), Type.Null()]) }),
    assetBytesPerFile: Type.Object({ limit: Type.Integer() }),
  },
  { description: 'What the workspace uses of its quotas' },
)

/** See {@link workspaceUsageSchema}. */
export type WorkspaceUsage = Static<typeof workspaceUsageSchema>

/** What is used of a person's quotas. */
export const personUsageSchema = Type.Object(
  {
    workspaces: usageSchema(
      'Team workspaces that you own, and deleted ones with boards in the trash',
    ),
    boards: usageSchema(
      'Boards of all workspaces that you own, including the trash, but of those with a quota of their own',
    ),
    storageBytes: usageSchema(
      'Documents and versions of all workspaces that you own, but of those with a quota of their own',
    ),
    assetBytes: usageSchema(
      'Files of all workspaces that you own, but of those with a quota of their own',
    ),
  },
  { description: 'What you use of your quotas' },
)

/** See {@link personUsageSchema}. */
export type PersonUsage = Static<typeof personUsageSchema>
