import { eventually, type SignedIn } from '@mindfuse/testing'
import { Redis } from 'ioredis'
import { describe, expect } from 'vitest'
import { testWith } from '../support/fixtures.ts'
import { countLookups } from '../support/lookups.ts'
import { addMember } from '../support/people.ts'

const GATEWAYS = [0, 1]

const test = testWith({ gateways: GATEWAYS.length })
  .extend('store', { scope: 'file' }, ({ redis }, { onCleanup }) => {
    const store = new Redis(redis.url)
    onCleanup(() => store.disconnect())
    return store
  })
  // A server of the file's own: it looks at all keys of a board.
  .extend('stackOptions', { scope: 'file' }, ({ redis }) => ({
    gateways: GATEWAYS.length,
    redisUrl: redis.url,
  }))
  /** What is kept of a person on the board, by its key. */
  .extend('entriesOf', ({ store, boardId }) => async ({ user }: SignedIn) => {
    const keys = await store.keys(`board:{${boardId}}:permission:${user.id}:*`)
    const entries = await Promise.all(keys.map(async (key) => [key, await store.get(key)] as const))
    return entries.filter((entry): entry is [string, string] => entry[1] !== null)
  })
  .extend(
    'lookups',
    ({ stack }) =>
      (gateway: number, outcome: 'hit' | 'miss') =>
        countLookups(stack.realtimeUrls[gateway]!, outcome),
  )
  /** Connects until a gateway answers from what is kept: it has heard of the API, and looked back. */
  .extend('keptFor', ({ whiteboard, lookups }) => async (who: SignedIn, gateway = 0) => {
    await eventually('it is answered from what is kept', async () => {
      const before = await lookups(gateway, 'hit')
      const client = await whiteboard(gateway, who)
      client.destroy()
      return (await lookups(gateway, 'hit')) > before
    })
  })

describe('ADM-9: who connects again', () => {
  test('is admitted by what another gateway kept, and without an API for 3 seconds', async ({
    stack,
    alan,
    whiteboard,
    keptFor,
    lookups,
    atEnd,
  }) => {
    // The board stays open, so that it can be joined without an API.
    for (const gateway of GATEWAYS) await whiteboard(gateway, alan)
    await keptFor(alan, 0)
    await keptFor(alan, 1)
    const asked = await Promise.all(GATEWAYS.map((gateway) => lookups(gateway, 'miss')))
    atEnd(() => stack.startApi())
    await stack.stopApi()
    for (const gateway of GATEWAYS) await whiteboard(gateway, alan)
    expect(await Promise.all(GATEWAYS.map((gateway) => lookups(gateway, 'miss')))).toEqual(asked)
    // From then on it is not known whether somebody was removed.
    const refusal = await eventually('nothing is proved any longer', () =>
      whiteboard(0, alan).then(
        (client) => client.destroy(),
        (error) => error,
      ),
    )
    expect(refusal).toMatchObject({ status: 503, code: 'permission_unavailable' })
  })

  test('is admitted after an eviction: the API is asked', async ({
    ada,
    alan,
    store,
    whiteboard,
    keptFor,
    entriesOf,
    lookups,
  }) => {
    await whiteboard(0, ada)
    await keptFor(alan)
    for (const [key] of await entriesOf(alan)) await store.del(key)
    const asked = await lookups(0, 'miss')
    await whiteboard(0, alan)
    expect(await lookups(0, 'miss')).toBe(asked + 1)
    await eventually('it is kept again', async () => (await entriesOf(alan)).length === 1)
  })

  test('is admitted by what was kept when their connection was checked', async ({
    stack,
    ada,
    alan,
    as,
    boardId,
    person,
    whiteboard,
    entriesOf,
    keptFor,
    lookups,
  }) => {
    await whiteboard(0, ada)
    await whiteboard(0, alan)
    await keptFor(alan)
    const versionOf = async (who: SignedIn) => JSON.parse((await entriesOf(who))[0]![1]).version
    const before = await versionOf(alan)
    const guest = await person('guest')
    await addMember(stack, boardId, guest, 'viewer')
    const path = `/api/boards/${boardId}/members/${guest.user.id}`
    expect((await as(ada, path, { method: 'DELETE' })).status).toBe(204)
    await eventually(
      'the answer of the check is kept',
      async () => (await versionOf(alan)) > before,
    )
    const asked = await lookups(0, 'miss')
    await whiteboard(0, alan)
    expect(await lookups(0, 'miss')).toBe(asked)
  })

  test('is refused once removed, also where the former entry is written back', async ({
    stack,
    ada,
    alan,
    as,
    boardId,
    store,
    whiteboard,
    keptFor,
    entriesOf,
  }) => {
    await whiteboard(0, ada)
    for (const gateway of GATEWAYS) await keptFor(alan, gateway)
    const [[key, entry] = ['', '']] = await entriesOf(alan)
    const member = `/api/boards/${boardId}/members/${alan.user.id}`
    expect((await as(ada, member, { method: 'DELETE' })).status).toBe(204)
    const expectRefused = async (gateway: number) => {
      await store.set(key, entry, 'EX', 60)
      await expect(whiteboard(gateway, alan)).rejects.toMatchObject({ status: 404 })
    }
    for (const gateway of GATEWAYS) await expectRefused(gateway)
    await stack.restartGateway(0)
    for (let i = 0; i < 5; i++) await expectRefused(0)

    await addMember(stack, boardId, alan, 'viewer')
    await store.set(key, entry, 'EX', 60)
    expect(await (await whiteboard(1, alan)).heard('hello')).toMatchObject({ role: 'viewer' })
  })

  test('is refused once their session has ended', async ({
    ada,
    person,
    as,
    store,
    whiteboard,
    keptFor,
    entriesOf,
  }) => {
    const elsewhere = await person('ada')
    await whiteboard(1, ada)
    const others = await entriesOf(ada)
    for (const gateway of GATEWAYS) await keptFor(elsewhere, gateway)
    const all = await entriesOf(ada)
    expect(all).toHaveLength(others.length + 1)
    const logout = await as(elsewhere, '/api/auth/logout', { method: 'POST' })
    expect(logout.status).toBe(204)
    for (const gateway of GATEWAYS) {
      for (const [key, entry] of all) await store.set(key, entry, 'EX', 60)
      await expect(whiteboard(gateway, elsewhere)).rejects.toMatchObject({ status: 401 })
      await whiteboard(gateway, ada)
    }
  })

  test('is asked about where an entry is of another database', async ({
    stack,
    alan,
    whiteboard,
    store,
    keptFor,
    entriesOf,
    lookups,
  }) => {
    await whiteboard(0, alan)
    await keptFor(alan)
    const [[key, entry] = ['', '']] = await entriesOf(alan)
    const asked = await lookups(0, 'miss')
    await store.set(key, JSON.stringify({ ...JSON.parse(entry), incarnation: 'another' }))
    await whiteboard(0, alan)
    expect(await lookups(0, 'miss')).toBe(asked + 1)

    await stack.database.query(
      `CREATE OR REPLACE FUNCTION database_incarnation() RETURNS text LANGUAGE sql AS $$ SELECT 'later' $$`,
      [],
    )
    await eventually('what is kept is of the later one', async () => {
      await whiteboard(0, alan)
      return (await entriesOf(alan))[0]?.[1].includes('later')
    })
    const kept = await lookups(0, 'hit')
    await whiteboard(0, alan)
    expect(await lookups(0, 'hit')).toBe(kept)
  })
})
