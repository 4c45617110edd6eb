import { type Logger, OutageLog } from '@mindfuse/service-kit'
import { lockBoard } from '../boards/repository.ts'
import { type Actor, NOBODY } from '../changes/actor.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { endLink } from './end-links.ts'
import { listEndedLinks } from './repository.ts'

/** How soon connections end that a link gave until a time, milliseconds. */
const INTERVAL_MS = 500

/** Nobody does it: the time has come. */
const BY_TIME: Actor = {
  userId: NOBODY,
  sessionId: NOBODY,
  ip: null,
  userAgent: null,
  requestId: 'link-ends',
  idempotency: undefined,
  isUrgent: true,
}

/**
 * Announces links that end by their time, since whoever came by them is connected. New questions are
 * answered by the time itself. All instances look; the first that has the board announces.
 *
 * @returns a function that stops and resolves after the current look
 */
export function announceLinkEnds(
  deps: Pick<Infrastructure, 'database' | 'transact'> & { log: Logger },
): () => Promise<void> {
  const outage = new OutageLog({
    log: deps.log,
    failed: 'ends of links could not be announced',
    recovered: 'ends of links are announced again',
  })
  let running: Promise<void> | undefined

  const announce = async () => {
    try {
      for (const link of await listEndedLinks(deps.database.urgent.db)) {
        await deps.transact(BY_TIME, async (tx, record) => {
          await lockBoard(tx, link.board_id)
          await endLink(tx, record, link, { type: 'link.expired' })
        })
      }
      outage.recover()
    } catch (error) {
      outage.fail(error)
    }
  }
  const timer = setInterval(() => {
    running ??= announce().finally(() => {
      running = undefined
    })
  }, INTERVAL_MS)

  return async () => {
    clearInterval(timer)
    await running
  }
}
