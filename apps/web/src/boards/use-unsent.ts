import { type BoardDetails, type Client, MindfuseError } from '@mindfuse/client'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { messages } from '../language/language.ts'
import { messageOf } from '../ui/toast.ts'

/** How long sending the changes of a board may take, milliseconds. */
const SEND_TIMEOUT_MS = 30_000

/** Changes of a board that wait on this device. */
export type Unsent =
  /** Until the server can be reached. */
  | { kind: 'waiting' }
  | { kind: 'sending' }
  /** `reason` is for people. */
  | { kind: 'failed'; reason: string }

/** The changes that wait on this device, by the ids of their boards. */
export interface UnsentBoards {
  all: ReadonlyMap<string, Unsent>
  /** Tries again. */
  send(boardId: string): void
  /** Deletes them. */
  discard(boardId: string): Promise<void>
}

/**
 * Finds the changes that wait on this device, of earlier pages and other tabs too, and sends them one board after
 * another while the lists are `isOnline`. Those of boards that the user cannot edit any longer stay for them to decide.
 */
export function useUnsent(
  client: Client,
  boards: readonly BoardDetails[] | undefined,
  isOnline: boolean,
): UnsentBoards {
  const [ids, setIds] = useState<readonly string[]>([])
  const [failures, setFailures] = useState<ReadonlyMap<string, string>>(new Map())
  const [sending, setSending] = useState<string>()

  const read = useCallback(async () => {
    const unsent = await client.unsentBoards()
    setIds(unsent.map(({ boardId }) => boardId))
  }, [client])
  useEffect(() => {
    const readQuietly = () => void read().catch(() => undefined)
    readQuietly()
    // A user who comes back to the page may have a connection again.
    const tryAgain = () => {
      setFailures(new Map())
      readQuietly()
    }
    document.addEventListener('visibilitychange', tryAgain)
    return () => document.removeEventListener('visibilitychange', tryAgain)
  }, [read])

  const editable = useMemo(
    () => new Set(boards?.filter(({ access }) => access.can.edit).map(({ id }) => id)),
    [boards],
  )
  const next = ids.find((id) => editable.has(id) && !failures.has(id))
  useEffect(() => {
    if (next === undefined || !isOnline) return
    const stop = new AbortController()
    const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(SEND_TIMEOUT_MS)])
    setSending(next)
    client
      .sendUnsent(next, { signal })
      .catch((error) => {
        if (stop.signal.aborted) return
        setFailures((known) => new Map(known).set(next, reasonOf(error)))
      })
      .then(read)
      .catch(() => undefined)
      .finally(() => setSending((current) => (current === next ? undefined : current)))
    return () => stop.abort()
  }, [client, next, isOnline, read])

  return useMemo(
    () => ({
      all: new Map(
        ids.map((id): [string, Unsent] => {
          const isEditable = boards === undefined || editable.has(id)
          const reason = isEditable ? failures.get(id) : messages().text('problem.read_only')
          if (reason !== undefined) return [id, { kind: 'failed', reason }]
          return [id, { kind: id === sending ? 'sending' : 'waiting' }]
        }),
      ),
      send: (boardId) =>
        setFailures((known) => new Map([...known].filter(([id]) => id !== boardId))),
      async discard(boardId) {
        await client.board(boardId).forget()
        await read()
      },
    }),
    [ids, boards, editable, sending, failures, client, read],
  )
}

/** Why changes were not sent: without an error of the server, it did not answer in time. */
function reasonOf(error: unknown): string {
  return error instanceof MindfuseError ? messageOf(error) : messages().text('problem.unreachable')
}
