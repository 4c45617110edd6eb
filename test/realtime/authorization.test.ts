import { CLOSE_CODES, SUBPROTOCOL } from '@mindfuse/protocol'
import {
  type Answer,
  connectRaw,
  connectStockClient,
  connectWhiteboard,
  eventually,
  type Refused,
  type SignedIn,
  type StockClient,
  type WhiteboardClient,
} from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import { applyUpdate, Doc } from 'yjs'
import { lastStroke, type Pen, startPen, syncDocument } from '../support/continuous-edits.ts'
import { testWith } from '../support/fixtures.ts'
import { offerAndAccept } from '../support/people.ts'
import { silenced } from '../support/silenced.ts'
import type { StackOptions } from '../support/stack.ts'

/** From the API's answer on, nothing that is drawn later than this may get in, milliseconds. */
const REVOCATION_TARGET_MS = 1_000

/** Races keep a small machine busier than the target is meant for, milliseconds. */
const SOON_MS = 5_000

/** Up to 10 ms, so that either may be first at every step. */
const jitter = () => new Promise((resolve) => setTimeout(resolve, Math.random() * 10))

const GATEWAYS = [0, 1]
const PROTOCOLS = ['whiteboard.v1', 'stock'] as const

/** A socket that a pen draws through. */
interface Seat {
  who: SignedIn
  penName: string
  pen: Pen
  doc: Doc
  whiteboard: WhiteboardClient | undefined
  /** How the socket ended, undefined while it is open. */
  closeCode(): number | undefined
}

/** A test on two gateways. */
const testOn = (options: StackOptions) =>
  testWith({ gateways: 2, ...options })
    .extend('call', { scope: 'file' }, ({ as }) => {
      return (who: SignedIn, method: string, path: string, body?: unknown) =>
        as(who, path, { method, body })
    })
    .extend('newWorkspace', ({ call }) => async (owner: SignedIn): Promise<string> => {
      return (await must(call(owner, 'POST', '/api/workspaces', { name: 'Team' }))).body.id
    })
    .extend('workspaceId', ({ newWorkspace, ada }) => newWorkspace(ada))
    .extend(
      'createIn',
      ({ call }) =>
        async (owner: SignedIn, workspaceId: string): Promise<string> => {
          const path = `/api/workspaces/${workspaceId}/boards`
          return (await must(call(owner, 'POST', path, { name: 'Board' }))).body.id
        },
    )
    .extend('boardId', ({ createIn, ada, workspaceId }) => createIn(ada, workspaceId))
    /** Makes somebody from outside the workspace a member of the board, as an accepted invite does. */
    .extend(
      'invite',
      ({ call }) =>
        async (owner: SignedIn, boardId: string, guest: SignedIn, role: string) => {
          const { body } = await must(
            call(owner, 'POST', `/api/boards/${boardId}/invite`, { role }),
          )
          await must(call(guest, 'POST', `/api/invites/${body.token}/accept`))
        },
    )
    .extend(
      'stockClient',
      ({ stack, atEnd }) =>
        (who: SignedIn, boardId: string, gateway: number): StockClient => {
          const client = connectStockClient({
            realtimeUrl: stack.realtimeUrls[gateway]!,
            boardId,
            token: who.accessToken,
          })
          atEnd(client.destroy)
          return client
        },
    )
    .extend(
      'whiteboardClient',
      ({ stack, atEnd }) =>
        async (who: SignedIn, boardId: string, gateway: number) => {
          const client = await connectWhiteboard({
            realtimeUrl: stack.realtimeUrls[gateway]!,
            boardId,
            token: who.accessToken,
          })
          atEnd(client.destroy)
          return client
        },
    )
    /** Sits somebody down at a gateway, drawing. */
    .extend(
      'sit',
      ({ stockClient, whiteboardClient, atEnd }) =>
        async (
          who: SignedIn,
          boardId: string,
          gateway: number,
          protocol: (typeof PROTOCOLS)[number],
        ): Promise<Seat> => {
          const penName = `${protocol} ${gateway} ${crypto.randomUUID()}`
          let whiteboard: WhiteboardClient | undefined
          let doc: Doc
          let stockCode: number | undefined
          if (protocol === 'stock') {
            const client = stockClient(who, boardId, gateway)
            doc = client.doc
            await client.synced()
            client.provider.once('connection-close', (event) => {
              stockCode = (event as { code: number } | null)?.code
            })
          } else {
            whiteboard = await whiteboardClient(who, boardId, gateway)
            doc = syncDocument(whiteboard)
            await whiteboard.heard('hello')
          }
          const pen = startPen(doc, penName)
          atEnd(pen.destroy)
          const closeCode = () => (whiteboard ? whiteboard.closed?.code : stockCode)
          return { who, penName, pen, doc, whiteboard, closeCode }
        },
    )
    /** The same person at both gateways, each with both kinds of client. */
    .extend('sitEverywhere', ({ sit }) => (who: SignedIn, boardId: string): Promise<Seat[]> => {
      return Promise.all(
        GATEWAYS.flatMap((gateway) =>
          PROTOCOLS.map((protocol) => sit(who, boardId, gateway, protocol)),
        ),
      )
    })
    /** The board as Postgres holds it. */
    .extend('storedDocument', ({ stack }) => async (boardId: string): Promise<Doc> => {
      const rows = await stack.database.query(
        'SELECT update FROM board_updates WHERE board_id = $1 ORDER BY seq',
        [boardId],
      )
      const doc = new Doc()
      for (const { update } of rows) applyUpdate(doc, update)
      return doc
    })
    /** Owners who look on at both gateways and draw nothing. */
    .extend(
      'watch',
      ({ stockClient }) =>
        async (owner: SignedIn, boardId: string): Promise<Doc[]> => {
          const clients = GATEWAYS.map((gateway) => stockClient(owner, boardId, gateway))
          await Promise.all(clients.map((client) => client.synced()))
          return clients.map(({ doc }) => doc)
        },
    )
    /** Nothing that these seats drew past the target is on a screen or in Postgres. */
    .extend(
      'expectNothingLate',
      ({ storedDocument }) =>
        async (
          seats: Seat[],
          watchers: Doc[],
          boardId: string,
          answeredAt: number,
        ): Promise<void> => {
          const documents = [...watchers, await storedDocument(boardId)]
          const late = seats.map(({ penName }) => {
            const last = Math.max(...documents.map((doc) => lastStroke(doc, penName)))
            return { penName, lastMs: last - answeredAt }
          })
          for (const { lastMs } of late) expect(lastMs).toBeLessThan(REVOCATION_TARGET_MS)
        },
    )
    /** An edit of the owner on each gateway that everybody sees and that is stored: what came before is, too. */
    .extend(
      'fence',
      ({ storedDocument }) =>
        async (watchers: Doc[], boardId: string): Promise<void> => {
          const at = Date.now()
          watchers.forEach((doc, i) => {
            doc.getMap('fences').set(`${i}`, at)
          })
          const hasBoth = (doc: Doc) =>
            watchers.every((_, i) => doc.getMap('fences').get(`${i}`) === at)
          await eventually('the fence is seen', () => watchers.every(hasBoth))
          await eventually('the fence is stored', async () =>
            hasBoth(await storedDocument(boardId)),
          )
        },
    )
    /** Everything these seats draw still reaches the watchers and Postgres. */
    .extend(
      'expectDrawing',
      ({ storedDocument }) =>
        async (seats: Seat[], watchers: Doc[], boardId: string): Promise<void> => {
          const now = Date.now()
          await eventually('what they draw now is seen and stored', async () => {
            const documents = [...watchers, await storedDocument(boardId)]
            return seats.every(({ penName }) =>
              documents.every((doc) => lastStroke(doc, penName) > now),
            )
          })
        },
    )
    .extend(
      'refusal',
      ({ whiteboardClient, boardId }) =>
        (who: SignedIn, gateway: number) =>
          expect(whiteboardClient(who, boardId, gateway)).rejects,
    )
    /** Connects at both gateways, drawing at once; a seat that was refused is its refusal. */
    .extend(
      'trySit',
      ({ sit }) =>
        (who: SignedIn, board: string) =>
          GATEWAYS.map(async (gateway): Promise<Seat | Refused> => {
            await jitter()
            return sit(who, board, gateway, 'whiteboard.v1').catch((error) => error)
          }),
    )
    .extend(
      'race',
      ({ trySit, storedDocument }) =>
        async (
          who: SignedIn,
          board: string,
          change: () => Promise<Answer>,
          expected: { status: number; closeCode: number },
        ): Promise<'refused' | 'closed'> => {
          const arrivals = trySit(who, board)
          await jitter()
          await must(change())
          const answeredAt = Date.now()
          const outcomes = await Promise.all(arrivals)
          const seats = outcomes.filter((outcome) => 'pen' in outcome)
          for (const outcome of outcomes) {
            if (!('pen' in outcome)) expect(outcome).toMatchObject({ status: expected.status })
          }
          await expectClosed(seats, expected.closeCode)
          const stored = await storedDocument(board)
          for (const { penName, pen } of seats) {
            pen.destroy()
            expect(lastStroke(stored, penName)).toBeLessThan(answeredAt + SOON_MS)
          }
          return seats.length === 0 ? 'refused' : 'closed'
        },
    )

const test = testOn({})
const sweepTest = testOn({ spoil: silenced, sweepIntervalMs: 500 })
const silencedTest = testOn({ spoil: silenced })
const withoutRedisTest = testOn({ redisUrl: 'redis://127.0.0.1:1', sweepIntervalMs: 500 })

async function must(answer: Promise<Answer>): Promise<Answer> {
  const settled = await answer
  if (settled.status >= 300) throw new Error(`${settled.status} ${JSON.stringify(settled.body)}`)
  return settled
}

/**
 * Makes a change while everybody draws. Resolves once the pens have drawn on past the target, with
 * the time of the API's answer.
 */
async function whileDrawing(
  seats: Seat[],
  watchers: Doc[],
  change: () => Promise<Answer>,
): Promise<number> {
  await eventually('everybody’s drawing is seen everywhere', () =>
    seats.every(({ penName }) => watchers.every((doc) => lastStroke(doc, penName) > 0)),
  )
  await must(change())
  const answeredAt = Date.now()
  await eventually('they have tried for long enough', () =>
    seats.every(({ pen }) => pen.lastAt > answeredAt + REVOCATION_TARGET_MS + 200),
  )
  return answeredAt
}

const expectClosed = async (seats: Seat[], code: number) => {
  await eventually('they are closed', () => seats.every((seat) => seat.closeCode() !== undefined))
  expect(seats.map((seat) => seat.closeCode())).toEqual(seats.map(() => code))
}

const expectOpen = (seats: Seat[]) =>
  expect(seats.map((seat) => seat.closeCode())).toEqual(seats.map(() => undefined))

describe('on two gateways', () => {
  test('AUTH-1 AUTH-2 AUTH-5 AUTH-12: a removed board member is closed with 4403 everywhere, and nobody else is', async ({
    person,
    invite,
    ada,
    boardId,
    alan,
    watch,
    sitEverywhere,
    call,
    fence,
    expectNothingLate,
    expectDrawing,
    refusal,
  }) => {
    const grace = await person('grace')
    await invite(ada, boardId, alan, 'editor')
    await invite(ada, boardId, grace, 'editor')
    const watchers = await watch(ada, boardId)
    const seats = await sitEverywhere(alan, boardId)
    const others = await sitEverywhere(grace, boardId)
    const answeredAt = await whileDrawing([...seats, ...others], watchers, () =>
      call(ada, 'DELETE', `/api/boards/${boardId}/members/${alan.user.id}`),
    )
    await expectClosed(seats, CLOSE_CODES.ACCESS_REMOVED)
    await fence(watchers, boardId)
    await expectNothingLate(seats, watchers, boardId, answeredAt)
    await expectDrawing(others, watchers, boardId)
    expectOpen(others)
    for (const gateway of GATEWAYS) await refusal(alan, gateway).toMatchObject({ status: 404 })
  })

  test('AUTH-2 AUTH-12: a removed workspace member is closed with 4403 everywhere', async ({
    stack,
    alan,
    call,
    ada,
    workspaceId,
    watch,
    boardId,
    sitEverywhere,
    fence,
    expectNothingLate,
  }) => {
    await must(offerAndAccept(stack, workspaceId, { by: ada, whom: alan }))
    const watchers = await watch(ada, boardId)
    const seats = await sitEverywhere(alan, boardId)
    const answeredAt = await whileDrawing(seats, watchers, () =>
      call(ada, 'DELETE', `/api/workspaces/${workspaceId}/members/${alan.user.id}`),
    )
    await expectClosed(seats, CLOSE_CODES.ACCESS_REMOVED)
    await fence(watchers, boardId)
    await expectNothingLate(seats, watchers, boardId, answeredAt)
  })

  test('AUTH-3 AUTH-5: a workspace admin who becomes a member stays, as an editor', async ({
    stack,
    workspaceId,
    call,
    ada,
    alan,
    watch,
    boardId,
    sitEverywhere,
    expectDrawing,
  }) => {
    const members = `/api/workspaces/${workspaceId}/members`
    await must(offerAndAccept(stack, workspaceId, { by: ada, whom: alan, role: 'admin' }))
    const watchers = await watch(ada, boardId)
    const seats = await sitEverywhere(alan, boardId)
    await must(call(ada, 'PATCH', `${members}/${alan.user.id}`, { role: 'member' }))
    for (const { whiteboard } of seats) {
      await whiteboard?.heard('role:changed', ({ role }) => role === 'editor')
    }
    await expectDrawing(seats, watchers, boardId)
    expectOpen(seats)
  })

  test('AUTH-2 AUTH-12: a board that goes to the trash closes with 4404, and takes up where it was when restored', async ({
    invite,
    ada,
    boardId,
    alan,
    watch,
    sitEverywhere,
    expectDrawing,
    call,
    expectNothingLate,
    refusal,
    sit,
    stockClient,
  }) => {
    await invite(ada, boardId, alan, 'editor')
    const watchers = await watch(ada, boardId)
    const seats = [...(await sitEverywhere(alan, boardId)), ...(await sitEverywhere(ada, boardId))]
    await expectDrawing(seats, watchers, boardId)
    const answeredAt = await whileDrawing(seats, watchers, () =>
      call(ada, 'DELETE', `/api/boards/${boardId}`),
    )
    await expectClosed(seats, CLOSE_CODES.BOARD_GONE)
    await expectNothingLate(seats, watchers, boardId, answeredAt)
    for (const gateway of GATEWAYS) await refusal(ada, gateway).toMatchObject({ status: 404 })

    await must(call(ada, 'POST', `/api/boards/${boardId}/restore`))
    await eventually('it opens again', () => sit(alan, boardId, 1, 'whiteboard.v1'))
    const again = stockClient(ada, boardId, 0)
    await again.synced()
    for (const { penName } of seats) expect(lastStroke(again.doc, penName)).toBeGreaterThan(0)
  })

  test('AUTH-2 AUTH-12: a deleted workspace closes its boards with 4404', async ({
    invite,
    ada,
    boardId,
    alan,
    watch,
    sitEverywhere,
    call,
    workspaceId,
    expectNothingLate,
  }) => {
    await invite(ada, boardId, alan, 'editor')
    const watchers = await watch(ada, boardId)
    const seats = [...(await sitEverywhere(alan, boardId)), ...(await sitEverywhere(ada, boardId))]
    const answeredAt = await whileDrawing(seats, watchers, () =>
      call(ada, 'DELETE', `/api/workspaces/${workspaceId}`),
    )
    await expectClosed(seats, CLOSE_CODES.BOARD_GONE)
    await expectNothingLate(seats, watchers, boardId, answeredAt)
  })

  test.for([
    ['that signs out', () => ({ method: 'POST', path: '/api/auth/logout', by: 'itself' })],
    [
      'that is revoked from another',
      ({ accessToken }: SignedIn) => {
        const { sid } = JSON.parse(atob(accessToken.split('.')[1]!))
        return { method: 'DELETE', path: `/api/auth/sessions/${sid}`, by: 'another' }
      },
    ],
  ] as const)(
    'AUTH-4 AUTH-5 AUTH-12: a session %s is closed with 4401 everywhere, and the person’s others stay',
    async ([_, end], {
      invite,
      ada,
      boardId,
      alan,
      person,
      watch,
      sitEverywhere,
      call,
      fence,
      expectNothingLate,
      expectDrawing,
      refusal,
    }) => {
      await invite(ada, boardId, alan, 'editor')
      const [here, there] = await Promise.all([person('alan'), person('alan')])
      const watchers = await watch(ada, boardId)
      const seats = await sitEverywhere(here, boardId)
      const others = await sitEverywhere(there, boardId)
      const { method, path, by } = end(here)
      const answeredAt = await whileDrawing([...seats, ...others], watchers, () =>
        call(by === 'itself' ? here : there, method, path),
      )
      await expectClosed(seats, CLOSE_CODES.SESSION_ENDED)
      await fence(watchers, boardId)
      await expectNothingLate(seats, watchers, boardId, answeredAt)
      await expectDrawing(others, watchers, boardId)
      expectOpen(others)
      for (const gateway of GATEWAYS) await refusal(here, gateway).toMatchObject({ status: 401 })
    },
  )

  test('AUTH-4: a deleted account is closed with 4401 everywhere, in all its sessions', async ({
    person,
    invite,
    ada,
    boardId,
    watch,
    sitEverywhere,
    call,
    fence,
    expectNothingLate,
  }) => {
    const [one, two] = await Promise.all([person('eve'), person('eve')])
    await invite(ada, boardId, one, 'editor')
    const watchers = await watch(ada, boardId)
    const seats = [...(await sitEverywhere(one, boardId)), ...(await sitEverywhere(two, boardId))]
    const answeredAt = await whileDrawing(seats, watchers, () =>
      call(one, 'DELETE', '/api/auth/me'),
    )
    await expectClosed(seats, CLOSE_CODES.SESSION_ENDED)
    await fence(watchers, boardId)
    await expectNothingLate(seats, watchers, boardId, answeredAt)
  })

  test('AUTH-3 AUTH-12: an editor who becomes a viewer stays, may draw no more, and again when raised', async ({
    invite,
    ada,
    boardId,
    alan,
    watch,
    sitEverywhere,
    call,
    fence,
    expectNothingLate,
    expectDrawing,
  }) => {
    await invite(ada, boardId, alan, 'editor')
    const path = `/api/boards/${boardId}/members/${alan.user.id}`
    const watchers = await watch(ada, boardId)
    const seats = await sitEverywhere(alan, boardId)
    const answeredAt = await whileDrawing(seats, watchers, () =>
      call(ada, 'PUT', path, { role: 'viewer' }),
    )
    await fence(watchers, boardId)
    await expectNothingLate(seats, watchers, boardId, answeredAt)
    expectOpen(seats)
    for (const { whiteboard } of seats) {
      await whiteboard?.heard('role:changed', ({ role }) => role === 'viewer')
      await whiteboard?.heard('sync:rejected', ({ code }) => code === 'read_only')
    }
    const sees = (doc: Doc) => doc.getMap('fences').size === 2
    await eventually('they still see what others draw', () => seats.every(({ doc }) => sees(doc)))

    await must(call(ada, 'PUT', path, { role: 'editor' }))
    for (const { whiteboard } of seats) {
      await whiteboard?.heard('role:changed', ({ role }) => role === 'editor')
    }
    await expectDrawing(seats, watchers, boardId)
    expectOpen(seats)
  })

  test('AUTH-3: a viewer who becomes an editor may draw in place', async ({
    invite,
    ada,
    boardId,
    alan,
    watch,
    sitEverywhere,
    fence,
    call,
    expectDrawing,
  }) => {
    await invite(ada, boardId, alan, 'viewer')
    const watchers = await watch(ada, boardId)
    const seats = await sitEverywhere(alan, boardId)
    await fence(watchers, boardId)
    for (const { penName } of seats) {
      for (const doc of watchers) expect(lastStroke(doc, penName)).toBe(0)
    }
    const path = `/api/boards/${boardId}/members/${alan.user.id}`
    await must(call(ada, 'PUT', path, { role: 'editor' }))
    await expectDrawing(seats, watchers, boardId)
    expectOpen(seats)
  })

  describe('that race with connecting', () => {
    /** Of removals; `RACE_ROUNDS=1000` looks harder. */
    const ROUNDS = Number(process.env.RACE_ROUNDS ?? 15)
    const ROUNDS_AT_ONCE = 10

    async function rounds(count: number, play: (round: number) => Promise<'refused' | 'closed'>) {
      const outcomes = { refused: 0, closed: 0 }
      for (let from = 0; from < count; from += ROUNDS_AT_ONCE) {
        const played = Array.from({ length: ROUNDS_AT_ONCE }, (_, i) => play(from + i))
        for (const outcome of await Promise.all(played)) outcomes[outcome]++
      }
      // Both happen, or the race was none.
      expect(outcomes.closed).toBeGreaterThan(0)
      return outcomes
    }

    test(`ADM-11 AUTH-2: removals never leave a live connection behind, in ${ROUNDS} rounds`, async ({
      createIn,
      ada,
      workspaceId,
      invite,
      alan,
      whiteboardClient,
      race,
      call,
    }) => {
      await rounds(ROUNDS, async (round) => {
        const board = await createIn(ada, workspaceId)
        await invite(ada, board, alan, 'editor')
        // In every other round the cache knows them already.
        if (round % 2 === 0) await whiteboardClient(alan, board, round % 4 === 0 ? 0 : 1)
        const path = `/api/boards/${board}/members/${alan.user.id}`
        return race(alan, board, () => call(ada, 'DELETE', path), {
          status: 404,
          closeCode: CLOSE_CODES.ACCESS_REMOVED,
        })
      })
    })

    test(`ADM-11 AUTH-4: sign-outs never leave a live connection behind, in ${ROUNDS / 4} rounds`, async ({
      invite,
      ada,
      boardId,
      alan,
      person,
      race,
      call,
    }) => {
      await invite(ada, boardId, alan, 'editor')
      await rounds(ROUNDS / 4, async () => {
        const session = await person('alan')
        return race(session, boardId, () => call(session, 'POST', '/api/auth/logout'), {
          status: 401,
          closeCode: CLOSE_CODES.SESSION_ENDED,
        })
      })
    })
  })
})

describe('where no event arrives', () => {
  sweepTest(
    'AUTH-6: the sweep closes whoever lost access, and applies roles',
    async ({ person, invite, ada, boardId, alan, sitEverywhere, call }) => {
      const grace = await person('grace')
      await invite(ada, boardId, alan, 'editor')
      await invite(ada, boardId, grace, 'editor')
      const removed = await sitEverywhere(alan, boardId)
      const lowered = await sitEverywhere(grace, boardId)
      const path = `/api/boards/${boardId}/members`
      await must(call(ada, 'PUT', `${path}/${grace.user.id}`, { role: 'viewer' }))
      await must(call(ada, 'DELETE', `${path}/${alan.user.id}`))
      await expectClosed(removed, CLOSE_CODES.ACCESS_REMOVED)
      for (const { whiteboard } of lowered) {
        await whiteboard?.heard('role:changed', ({ role }) => role === 'viewer')
      }
      expectOpen(lowered)
      await must(call(grace, 'POST', '/api/auth/logout'))
      await expectClosed(lowered, CLOSE_CODES.SESSION_ENDED)
    },
  )

  sweepTest(
    'AUTH-6 AUTH-13: the sweep closes the connections of a session that has reached its end',
    async ({ stack, person, invite, ada, boardId, sitEverywhere }) => {
      const grace = await person('grace')
      await invite(ada, boardId, grace, 'editor')
      const seats = await sitEverywhere(grace, boardId)
      const others = await sitEverywhere(ada, boardId)
      await stack.database.query('UPDATE sessions SET expires_at = now() WHERE user_id = $1', [
        grace.user.id,
      ])
      await expectClosed(seats, CLOSE_CODES.SESSION_ENDED)
      expectOpen(others)
    },
  )

  silencedTest(
    'AUTH-1: and the sweep is far off, the API is asked what changed every 2 seconds',
    async ({ invite, ada, boardId, alan, sitEverywhere, call }) => {
      await invite(ada, boardId, alan, 'editor')
      const seats = await sitEverywhere(alan, boardId)
      await must(call(ada, 'DELETE', `/api/boards/${boardId}/members/${alan.user.id}`))
      await expectClosed(seats, CLOSE_CODES.ACCESS_REMOVED)
    },
  )

  withoutRedisTest(
    'ADM-10 AUTH-6: with Dragonfly gone, the API itself says who may come in',
    async ({ stack, boardId, alan, invite, ada, sitEverywhere, person, call }) => {
      const refused = (who: SignedIn) =>
        expect(connectRaw(`${stack.realtimeUrl}/${boardId}?token=${who.accessToken}`)).rejects
      await refused(alan).toMatchObject({ status: 404 })
      await invite(ada, boardId, alan, 'editor')
      const seats = await sitEverywhere(alan, boardId)
      const elsewhere = await person('alan')
      await must(call(elsewhere, 'POST', '/api/auth/logout'))
      await refused(elsewhere).toMatchObject({ status: 401, code: 'session_ended' })
      await must(call(ada, 'DELETE', `/api/boards/${boardId}/members/${alan.user.id}`))
      await refused(alan).toMatchObject({ status: 404 })
      await expectClosed(seats, CLOSE_CODES.ACCESS_REMOVED)
    },
  )
})

test('the subprotocol of the test clients is the real one', () => {
  expect(PROTOCOLS[0]).toBe(SUBPROTOCOL)
})
