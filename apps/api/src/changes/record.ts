import type { DomainEvent, EventType } from '@mindfuse/internal'
import { formatTraceparent } from '@mindfuse/service-kit'
import type { Database } from '../db/database.ts'
import type { Actor, Newcomer } from './actor.ts'
import { keepAccess } from './event-data.ts'

/** A change, as it is written to the audit log and to the outbox. */
export interface Change {
  type: EventType
  workspaceId: string | null
  boardId?: string
  /** Who did it, where the transaction was begun for a newcomer. */
  actorId?: string
  /** The person it is about, where it is about one alone. */
  userId?: string
  /**
   * People whom it concerns and no row shows it of: who were on boards themselves that it deleted,
   * or whom a membership is offered to.
   */
  formerMembers?: string[]
  /** What it was done to. */
  target: {
    type:
      | 'workspace'
      | 'board'
      | 'invite'
      | 'link'
      | 'version'
      | 'asset'
      | 'session'
      | 'user'
      | 'membership'
      | 'key'
    id: string
  }
  /** What is different now, for the audit; never a secret. */
  changes?: Record<string, unknown>
  /** Places where the access of some people may have changed. */
  access?: DomainEvent['access']
  /** The actor is no member: the workspace's audit log does not show who and where they are. */
  isPrivate?: boolean
  /** The audit log leaves it out: the change before it says it all, or nobody has to answer for it. */
  isUnaudited?: boolean
  /** Sessions that ended. */
  sessions?: DomainEvent['sessions']
}

/** Writes a change down, in the transaction that makes it. */
export type RecordChange = (change: Change) => Promise<void>

/** A {@link RecordChange} for what `actor` does in `tx`: one row for the audit, one for the outbox. */
export function recorder(tx: Database, actor: Actor | Newcomer): RecordChange {
  return async (change) => {
    const actorId = change.actorId ?? actor.userId
    if (actorId === undefined) throw new Error(`nobody did ${change.type}`)
    if (!change.isUnaudited) await audit(tx, actor, actorId, change)
    await tx
      .insertInto('events')
      .values({
        type: change.type,
        workspace_id: change.workspaceId,
        board_id: change.boardId ?? null,
        user_id: change.userId ?? null,
        target_id: change.target.id,
        former_members: change.formerMembers ?? null,
        data: JSON.stringify({
          ...keepAccess(change.access ?? []),
          sessions: change.sessions ?? [],
          ...(actor.trace && { traceparent: formatTraceparent(actor.trace) }),
        }),
      })
      .execute()
  }
}

async function audit(
  tx: Database,
  actor: Actor | Newcomer,
  actorId: string,
  change: Change,
): Promise<void> {
  await tx
    .insertInto('audit_entries')
    .values({
      workspace_id: change.isPrivate ? null : change.workspaceId,
      action: change.type,
      actor_id: actorId,
      target_type: change.target.type,
      target_id: change.target.id,
      changes: JSON.stringify(change.changes ?? {}),
      ip: actor.ip,
      user_agent: actor.userAgent,
      request_id: actor.requestId,
    })
    .execute()
}
