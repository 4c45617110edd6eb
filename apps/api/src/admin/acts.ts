import { type Actor, NOBODY } from '../changes/actor.ts'
import type { RecordChange } from '../changes/record.ts'
import type { Transact } from '../changes/transact.ts'
import type { Database } from '../db/database.ts'

/** Everything that administrators do, as their audit names it. */
type AdminAction =
  | 'person.sign_out'
  | 'person.disable'
  | 'person.enable'
  | 'person.erase'
  | 'person.export'
  | 'workspace.make_owner'
  | 'workspace.set_quota'
  | 'board.move'
  | 'board.requeue'

/** How the audit of administration names who acts on the command line. */
const COMMAND_LINE = 'cli'

/** An act of administration, as it is audited. */
export interface AdminAct {
  action: AdminAction
  target: { type: 'user' | 'workspace' | 'board'; id: string }
  reason?: string | undefined
}

/**
 * Does an act in one transaction with its entry in the audit of administration. What `work` records
 * appears in the audit log of a workspace too, with who did it and not from where.
 *
 * @param work returns the result, and what is different since; never who people are, which goes with them
 */
export type Administer = <Result>(
  actor: Actor,
  act: AdminAct,
  work: (
    tx: Database,
    record: RecordChange,
  ) => Promise<{ result: Result; changes?: Record<string, unknown> }>,
) => Promise<Result>

/** See {@link Administer}. */
export function createAdminister(transact: Transact): Administer {
  return (actor, { action, target, reason }, work) =>
    transact({ ...actor, ip: null, userAgent: null }, async (tx, record) => {
      const { result, changes = {} } = await work(tx, record)
      await tx
        .insertInto('admin_audit')
        .values({
          actor: actor.userId === NOBODY ? COMMAND_LINE : actor.userId,
          action,
          target_type: target.type,
          target_id: target.id,
          reason: reason ?? null,
          changes: JSON.stringify(changes),
          request_id: actor.requestId,
        })
        .execute()
      return result
    })
}
