import type { Reply, Workspace } from '@mindfuse/client'
import type { App } from '../app/app.ts'

/** What a section of the settings gets. */
export interface SectionProps {
  app: App
  workspace: Workspace
  /** Another object after each navigation. */
  visit: object
  /** Reads the workspace again. */
  reload: () => void
}

/** A member of a workspace. */
export type Member = Reply<'GET /api/workspaces/{workspaceId}/members'>['items'][number]

/** A role in a workspace. */
export type Role = Member['role']
