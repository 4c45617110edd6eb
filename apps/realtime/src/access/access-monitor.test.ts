import type { Authorization, DomainEvent } from '@mindfuse/internal'
import { CLOSE_CODES } from '@mindfuse/protocol'
import { createLogger } from '@mindfuse/service-kit'
import { createMemorySharedState, type SharedState } from '@mindfuse/shared-state'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Connection } from '../connection/connection.ts'
import { Connections } from '../connection/connections.ts'
import type { Grant } from '../connection/grant.ts'
import type { ApiClient } from '../storage/api-client.ts'
import { AccessMonitor } from './access-monitor.ts'
import { RecentChanges } from './recent-changes.ts'

const SWEEP_MS = 30_000

const EDITOR: Authorization = {
  role: 'editor',
  version: 1,
  canBroadcast: true,
  boardExists: true,
  sessionLives: true,
}

let sharedState: SharedState
let connections: Connections
let accessMonitor: AccessMonitor
/** What the API answers of each board, and what it was asked. */
let answers: Record<string, Authorization | Error>
let asked: string[][]
/** Boards of connections that went on after being held. */
let permitted: string[]
let resumed: string[]
/** Boards of connections whose user was renamed. */
let renamed: string[]
/** Names of boards, as often as they were answered. */
let named: [boardId: string, name: string][]
/** What the API takes its time to answer about the board `slow`. */
let slow: Promise<Authorization[]> | undefined

beforeEach(() => {
  vi.useFakeTimers()
  sharedState = createMemorySharedState()
  connections = new Connections()
  answers = {}
  asked = []
  resumed = []
  permitted = []
  renamed = []
  named = []
  slow = undefined
  const api: Pick<ApiClient, 'authorizations'> = {
    async authorizations(batch) {
      asked.push(batch.map(({ boardId }) => boardId))
      if (slow && batch.some(({ boardId }) => boardId === 'slow')) return slow
      return batch.map(({ boardId }) => {
        const answer = answers[boardId] ?? EDITOR
        if (answer instanceof Error) throw answer
        return answer
      })
    },
  }
  accessMonitor = new AccessMonitor({
    connections,
    api: api as ApiClient,
    recent: new RecentChanges(),
    sharedState,
    onPermitted: ({ role }) => permitted.push(role),
    onRenamed: ({ boardId }) => renamed.push(boardId),
    onBoardName: (...name) => named.push(name),
    onResumed: ({ boardId }) => resumed.push(boardId),
    log: createLogger({ service: 'test', level: 'silent' }),
  })
})
afterEach(() => {
  accessMonitor.stop()
  vi.useRealTimers()
})

const granted = (over: Partial<Grant> = {}): Grant => ({
  boardId: 'board',
  role: 'editor',
  version: 3,
  canBroadcast: true,
  user: { id: 'user', name: 'User' },
  lease: {
    sessionId: 'session',
    expiresAt: Number.MAX_SAFE_INTEGER,
    graceMs: 0,
    lastsWithSession: true,
  },
  ...over,
})

async function announce(event: Partial<DomainEvent>): Promise<void> {
  await sharedState.events.publish(JSON.stringify({ ...noChange, ...event }))
  await vi.advanceTimersByTimeAsync(0)
}
const noChange: DomainEvent = {
  seq: 1,
  type: 'board.updated',
  workspaceId: null,
  boardId: null,
  userId: null,
  access: [],
  sessions: [],
}

/** As much of a connection as is looked at here, and what became of it. */
function connect(boardId = 'board', sessionId = 'session', userId = 'user') {
  const outcome: (string | number)[] = []
  const connection = {
    id: crypto.randomUUID(),
    boardId,
    userId,
    sessionId,
    accessVersion: 1,
    isClosed: false,
    isDoubted: false,
    hold() {
      connection.isDoubted = true
      outcome.push('held')
    },
    release() {
      connection.isDoubted = false
    },
    role: 'editor',
    permit({ role }: { role: string }) {
      const isNew = role !== connection.role
      connection.role = role
      outcome.push(role)
      return isNew
    },
    name: 'User',
    rename(name: string) {
      const isNew = name !== connection.name
      connection.name = name
      return isNew
    },
    revoke(code: number) {
      connection.isClosed = true
      outcome.push(code)
    },
  }
  connections.add(connection as unknown as Connection)
  return outcome
}

/** Keeps the answer about the board `slow` back. @returns what gives it */
function delayAnswer(): (answer: Authorization[]) => void {
  let give!: (answer: Authorization[]) => void
  slow = new Promise((resolve) => {
    give = resolve
  })
  return give
}

describe('a grant', () => {
  test('is up to date without an event, and after one that is no newer', async () => {
    expect(accessMonitor.isUpToDate(granted())).toBe(true)
    await announce({ access: [{ boardId: 'board', version: 3 }] })
    await announce({ access: [{ boardId: 'other', version: 9 }], sessions: ['other'] })
    expect(accessMonitor.isUpToDate(granted())).toBe(true)
  })

  test('ADM-11: is outdated by a newer version of its board, whatever arrives later', async () => {
    await announce({ access: [{ boardId: 'board', version: 4 }] })
    await announce({ access: [{ boardId: 'board', version: 2 }] })
    expect(accessMonitor.isUpToDate(granted())).toBe(false)
    expect(accessMonitor.isUpToDate(granted({ version: 4 }))).toBe(true)
  })

  test('ADM-11: is outdated by the end of its session', async () => {
    await announce({ sessions: ['session'] })
    expect(accessMonitor.isUpToDate(granted({ version: 99 }))).toBe(false)
    expect(accessMonitor.hasEnded('session')).toBe(true)
  })

  test('is compared for longer than any admission takes, and not for ever', async () => {
    await announce({ access: [{ boardId: 'board', version: 4 }], sessions: ['session'] })
    await vi.advanceTimersByTimeAsync(4 * SWEEP_MS)
    await announce({ access: [{ boardId: 'other', version: 1 }] })
    expect(accessMonitor.isUpToDate(granted())).toBe(false)
    await vi.advanceTimersByTimeAsync(SWEEP_MS)
    await announce({ access: [{ boardId: 'other', version: 2 }] })
    expect(accessMonitor.isUpToDate(granted())).toBe(true)
    expect(accessMonitor.hasEnded('session')).toBe(false)
  })

  test.each(['', 'no json', 'null', '{}', '{"access":[{"boardId":"board"}]}'])(
    'is not affected by a malformed event: %j',
    async (message) => {
      await sharedState.events.publish(message)
      await vi.advanceTimersByTimeAsync(0)
      expect(accessMonitor.isUpToDate(granted())).toBe(true)
    },
  )
})

describe('a live connection', () => {
  test.each<[string, Partial<Authorization>, string | number]>([
    ['keeps what it may', { role: 'viewer' }, 'viewer'],
    ['closes without a role', { role: null }, CLOSE_CODES.ACCESS_REMOVED],
    ['closes without its board', { role: null, boardExists: false }, CLOSE_CODES.BOARD_GONE],
    ['closes without its session', { sessionLives: false }, CLOSE_CODES.SESSION_ENDED],
  ])('%s', async (_, answer, expected) => {
    answers.board = { ...EDITOR, ...answer }
    const outcome = connect()
    const elsewhere = connect('other')
    await announce({ access: [{ boardId: 'board', version: 4 }] })
    expect(outcome).toEqual([expected])
    expect(elsewhere).toEqual([])
  })

  test('AUTH-4: closes with its session without asking, and alone', async () => {
    const outcome = connect()
    const other = connect('board', 'other session')
    await announce({ sessions: ['session'] })
    expect(outcome).toEqual([CLOSE_CODES.SESSION_ENDED])
    expect(other).toEqual([])
    expect(asked).toEqual([])
  })

  test('AUTH-7: holds at once, alone, while the API does not say what a change means', async () => {
    answers.board = new Error('away')
    const outcome = connect()
    const other = connect('other')
    await announce({ access: [{ boardId: 'board', version: 4 }] })
    await vi.advanceTimersByTimeAsync(5_000)
    expect(outcome).toEqual(['held'])
    expect(resumed).toEqual([])
    answers.board = { ...EDITOR, version: 4 }
    await vi.advanceTimersByTimeAsync(1_000)
    expect(outcome).toEqual(['held', 'editor'])
    expect(resumed).toEqual(['board'])
    expect(other).toEqual([])
  })

  test('AUTH-7: is closed once the API says that it was removed, and goes on in no case', async () => {
    answers.board = new Error('away')
    const outcome = connect()
    await announce({ access: [{ boardId: 'board', version: 4 }] })
    await vi.advanceTimersByTimeAsync(5_000)
    answers.board = { ...EDITOR, role: null }
    await vi.advanceTimersByTimeAsync(1_000)
    expect(outcome).toEqual(['held', CLOSE_CODES.ACCESS_REMOVED])
    expect(resumed).toEqual([])
  })

  test('is settled once a request that was sent after the change is answered', async () => {
    connect()
    let isSettled = false
    accessMonitor.sweep()
    accessMonitor.apply({ boardIds: ['board'], sessionIds: new Set() })
    void accessMonitor.settled().then(() => {
      isSettled = true
    })
    expect(isSettled).toBe(false)
    await vi.advanceTimersByTimeAsync(0)
    expect(isSettled).toBe(true)
    expect(asked).toEqual([['board'], ['board']])
  })

  test('AUTH-9: is not closed by an answer about the session that it left meanwhile', async () => {
    const answer = delayAnswer()
    const outcome = connect('slow')
    await announce({ access: [{ boardId: 'slow', version: 4 }] })
    const [connection] = connections.onBoard('slow')
    Object.assign(connection!, { sessionId: 'newer session' })
    slow = undefined
    answer([{ ...EDITOR, sessionLives: false }])
    await vi.advanceTimersByTimeAsync(0)
    expect(outcome).toEqual(['editor'])
    expect(asked).toHaveLength(2)
  })

  test('AUTH-3: is reported where it may do something else than before, and goes on', async () => {
    const outcome = connect()
    accessMonitor.sweep()
    await vi.advanceTimersByTimeAsync(0)
    expect(permitted).toEqual([])
    answers.board = { ...EDITOR, role: 'viewer' }
    await announce({ seq: 2, access: [{ boardId: 'board', version: 4 }] })
    expect(outcome).toEqual(['editor', 'viewer'])
    expect(permitted).toEqual(['viewer'])
  })

  test('AUTH-6: is found by a sweep where the event was lost', async () => {
    answers.board = { ...EDITOR, role: null }
    const outcome = connect()
    await vi.advanceTimersByTimeAsync(SWEEP_MS - 1)
    expect(outcome).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(outcome).toEqual([CLOSE_CODES.ACCESS_REMOVED])
  })

  test('PRES-13: whose user has another name is asked for, with no other, and reported once', async () => {
    connect()
    connect('other', 'session', 'other user')
    answers.board = { ...EDITOR, userName: 'Ada King' }
    await announce({ type: 'user.updated', userId: 'user' })
    expect(asked).toEqual([['board']])
    expect(renamed).toEqual(['board'])
    await announce({ seq: 2, type: 'user.updated', userId: 'user' })
    expect(renamed).toEqual(['board'])
  })

  test('PRES-13: of whose name the event was lost is found by a sweep', async () => {
    connect()
    answers.board = { ...EDITOR, userName: 'Ada King' }
    await vi.advanceTimersByTimeAsync(SWEEP_MS)
    expect(renamed).toEqual(['board'])
  })

  test('NAME-1: of a board that is renamed is asked for once, whatever their number', async () => {
    for (const boardId of ['board', 'board', 'other']) connect(boardId)
    answers.board = { ...EDITOR, boardName: 'Plans' }
    await announce({ boardId: 'board' })
    expect([asked, named]).toEqual([[['board']], [['board', 'Plans']]])
    await announce({ seq: 2, boardId: 'nobody is here' })
    expect(asked).toHaveLength(1)
  })

  test('NAME-2: of whose board the event was lost has its name with a sweep', async () => {
    connect()
    answers.board = { ...EDITOR, boardName: 'Plans' }
    await vi.advanceTimersByTimeAsync(SWEEP_MS)
    expect(named).toEqual([['board', 'Plans']])
  })

  test('AUTH-1: whose access changed does not wait for the answer about another', async () => {
    const answer = delayAnswer()
    const [first, second] = [connect('slow'), connect()]
    await announce({ access: [{ boardId: 'slow', version: 4 }] })
    answers.board = { ...EDITOR, role: null }
    await announce({ access: [{ boardId: 'board', version: 4 }] })
    expect([first, second]).toEqual([[], [CLOSE_CODES.ACCESS_REMOVED]])
    answer([{ ...EDITOR, role: 'viewer' }])
    await vi.advanceTimersByTimeAsync(0)
    expect(first).toEqual(['viewer'])
  })

  test('AUTH-1: is not moved by an answer that is older than another', async () => {
    const answer = delayAnswer()
    const outcome = connect('slow')
    await announce({ access: [{ boardId: 'slow', version: 4 }] })
    slow = undefined
    answers.slow = { ...EDITOR, role: 'owner', version: 5 }
    await announce({ access: [{ boardId: 'slow', version: 5 }] })
    answer([{ ...EDITOR, role: 'viewer', version: 4 }])
    await vi.advanceTimersByTimeAsync(0)
    expect(outcome).toEqual(['owner'])
  })

  test('whose access changed does not wait for a sweep over all connections', async () => {
    for (let i = 0; i < 9_000; i++) connect(`swept ${i}`)
    const outcome = connect()
    answers.board = { ...EDITOR, role: null }
    accessMonitor.sweep()
    await announce({ access: [{ boardId: 'board', version: 4 }] })
    expect(outcome).toEqual([CLOSE_CODES.ACCESS_REMOVED])
    // The chunk that is on its way is let through.
    expect(asked.findIndex((boards) => boards.includes('board'))).toBeLessThan(5)
  })
})
