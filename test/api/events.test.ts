import { openDatabase } from '@mindfuse/api'
import { type Answer, callApi, eventually, type SignedIn } from '@mindfuse/testing'
import { sql } from 'kysely'
import { describe, expect } from 'vitest'
import { type EventStream, openEvents } from '../support/event-stream.ts'
import { test as base } from '../support/fixtures.ts'
import { offerAndAccept } from '../support/people.ts'

type OpenOptions = Parameters<typeof openEvents>[1]

const test = base
  .extend(
    'watch',
    ({ stack, atEnd }) =>
      async ({ accessToken }: SignedIn, options: OpenOptions = {}): Promise<EventStream> => {
        const stream = await openEvents(stack.apiUrl, { token: accessToken, ...options })
        atEnd(stream.close)
        return stream
      },
  )
  /** A stream that knows its list and hears changes. */
  .extend(
    'watchLive',
    ({ watch }) =>
      async (who: SignedIn, options: OpenOptions = {}): Promise<EventStream> => {
        const stream = await watch(who, options)
        await stream.until('the list is there', ({ name }) => name === 'boards:initial')
        return stream
      },
  )
  .extend(
    'rename',
    ({ cast }) =>
      (boardId: string, name: string): Promise<Answer> =>
        cast.call(cast.workspaceOwner, 'PATCH', `/api/boards/${boardId}`, { name }),
  )
  .extend('boardsOf', ({ cast }) => async (who: SignedIn) => {
    const path = `/api/workspaces/${cast.workspaceId}/boards?limit=100`
    return (await cast.call(who, 'GET', path)).body.items
  })
  .extend('newestSeq', ({ stack }) => async () => {
    await eventually('all have numbers', async () => {
      const [{ count }] = await stack.database.query(
        'SELECT count(*)::int AS count FROM events WHERE seq IS NULL',
      )
      return count === 0
    })
    return Number((await stack.database.query('SELECT max(seq) AS seq FROM events'))[0].seq)
  })

const named = (name: string) => (event: { data: any }) => event.data.data?.name === name
describe('a new stream', () => {
  test('EVT-1: names its media type, and forbids caching and buffering', async ({
    watchLive,
    cast,
  }) => {
    const stream = await watchLive(cast.workspaceOwner)
    expect(stream.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    })
    expect(stream.retryMs).toBeGreaterThan(0)
  })

  test('EVT-2: says first that it is new, then all boards with the items of the list route', async ({
    cast,
    watchLive,
    boardsOf,
  }) => {
    await cast.newBoard('One')
    await cast.newBoard('Two')
    const stream = await watchLive(cast.workspaceMember)
    const [resumed, initial] = stream.events
    expect(resumed).toMatchObject({ name: 'resumed', data: { from: null, complete: false } })
    expect(initial?.data.items).toEqual(await boardsOf(cast.workspaceMember))
    expect(initial?.data.total).toBe(initial?.data.items.length)
    expect(initial?.data.lastEventId).toBe(initial?.lastEventId)
    expect(initial?.data.version).toBe(Number(initial?.lastEventId))
  })

  test('EVT-2: holds boards of other workspaces that are shared with them', async ({
    cast,
    watchLive,
  }) => {
    const boardId = await cast.newBoard('Shared')
    const stream = await watchLive(cast.viewer)
    const items = stream.events[1]?.data.items
    const { body } = await cast.call(cast.viewer, 'GET', `/api/boards/${boardId}`)
    expect(items.find(({ id }: { id: string }) => id === boardId)).toEqual(body)
    expect((await watchLive(cast.stranger)).events[1]?.data).toMatchObject({ items: [], total: 0 })
  })

  test('EVT-3: receives changes of one workspace only if it names one, which has to be theirs', async ({
    watchLive,
    cast,
    watch,
  }) => {
    const stream = await watchLive(cast.workspaceOwner, {
      query: { workspaceId: cast.workspaceId },
    })
    const ids = new Set(stream.events[1]?.data.items.map((item: any) => item.workspaceId))
    expect([...ids]).toEqual([cast.workspaceId])
    const personal = (await cast.call(cast.workspaceOwner, 'GET', '/api/workspaces')).body.items.at(
      -1,
    ).id
    const path = `/api/workspaces/${personal}/boards`
    await cast.call(cast.workspaceOwner, 'POST', path, { name: 'Elsewhere' })
    const here = await cast.newBoard('Here')
    await stream.until('the board here', named('Here'))
    // A board elsewhere was made before, and would have been told before.
    expect(stream.updates('boards:update').map(({ data }) => data.id)).toEqual([here])

    for (const who of [cast.stranger, cast.viewer]) {
      const refused = await watch(who, { query: { workspaceId: cast.workspaceId } })
      expect(refused.problem).toMatchObject({ status: 404, code: 'workspace_not_found' })
    }
    const odd = await watch(cast.workspaceOwner, { query: { workspaceId: 'x' } })
    expect(odd.problem).toMatchObject({ status: 400, code: 'validation_failed' })
  })

  test('EVT-1: is for people who are signed in', async ({ stack }) => {
    const nobody = await openEvents(stack.apiUrl)
    expect(nobody.problem).toMatchObject({ status: 401, code: 'unauthenticated' })
    const wrong = await openEvents(stack.apiUrl, { token: 'x' })
    expect(wrong.problem).toMatchObject({ status: 401, code: 'unauthenticated' })
  })

  test('EVT-1: opens with the cookie of the session, unless another site made the browser ask', async ({
    person,
    stack,
    atEnd,
  }) => {
    const signedIn = await person('cookie')
    const cookie = [...signedIn.browser.cookies].map((pair) => pair.join('=')).join('; ')
    const stream = await openEvents(stack.apiUrl, {
      headers: { cookie, 'sec-fetch-site': 'same-origin' },
    })
    atEnd(stream.close)
    await stream.until('the list is there', ({ name }) => name === 'boards:initial')
    for (const headers of [
      { cookie, 'sec-fetch-site': 'cross-site' },
      { cookie, origin: 'https://evil.example' },
    ]) {
      const refused = await openEvents(stack.apiUrl, { headers })
      expect(refused.problem).toMatchObject({ status: 403, code: 'cross_site_request' })
    }
    const stale = await openEvents(stack.apiUrl, {
      headers: { cookie: cookie.replace(/=[^;]*/g, '=nothing') },
    })
    expect(stale.problem).toMatchObject({ status: 401, code: 'unauthenticated' })
  })

  test('EVT-11: is refused to a user who has twenty', async ({ watch, cast }) => {
    const many = await Promise.all(Array.from({ length: 20 }, () => watch(cast.stranger)))
    expect(many.every(({ status }) => status === 200)).toBe(true)
    const refused = await watch(cast.stranger)
    expect(refused.problem).toMatchObject({ status: 429, code: 'too_many_streams' })
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    many[0]?.close()
    await eventually('there is a place again', async () => {
      const stream = await watch(cast.stranger)
      return stream.status === 200
    })
  })
})

describe('changes', () => {
  test('EVT-4: of boards are sent with their number once they are committed', async ({
    watchLive,
    cast,
    rename,
    stack,
  }) => {
    const stream = await watchLive(cast.workspaceMember)
    // One at a time, or an earlier one would be told with what the later one made of it.
    const told = (count: number) =>
      eventually('it is told', () => stream.updates('boards:update').length === count)
    const boardId = await cast.newBoard('Fresh')
    await told(1)
    await rename(boardId, 'Renamed')
    const path = `/api/boards/${boardId}`
    const renamed = (await cast.call(cast.workspaceMember, 'GET', path)).body
    await told(2)
    for (const [i, [method, suffix]] of [
      ['DELETE', ''],
      ['POST', '/restore'],
      ['DELETE', ''],
      ['DELETE', '/permanently'],
    ].entries()) {
      await cast.call(cast.workspaceOwner, method ?? '', `${path}${suffix}`)
      await told(3 + i)
    }
    const updates = stream.updates('boards:update')
    expect(updates.map(({ type }) => type)).toEqual([
      'add',
      'update',
      'delete',
      'add',
      'delete',
      'delete',
    ])
    expect(updates[1]?.data).toEqual(renamed)
    expect(updates.at(-1)?.data).toEqual({ id: boardId, workspaceId: cast.workspaceId })
    const events = stream.events.filter(({ name }) => name === 'boards:update')
    const rows = await stack.database.query(
      'SELECT seq FROM events WHERE board_id = $1 ORDER BY seq',
      [boardId],
    )
    expect(events.map(({ data }) => data.eventId)).toEqual(rows.map(({ seq }) => seq))
    expect(events.map(({ lastEventId }) => lastEventId)).toEqual(rows.map(({ seq }) => seq))
  })

  test('EVT-4: that were rolled back are not told, and those after them are', async ({
    watchLive,
    cast,
    stack,
    rename,
  }) => {
    const stream = await watchLive(cast.workspaceMember)
    const boardId = await cast.newBoard('Steady')
    await stream.until('it is told', named('Steady'))
    await stack.database
      .query(
        `BEGIN; UPDATE boards SET name = 'Never' WHERE id = '${boardId}';
         INSERT INTO events (type, workspace_id, board_id, data) VALUES
         ('board.updated', '${cast.workspaceId}', '${boardId}', '{"access":[],"sessions":[]}');
         SELECT 1 / 0; COMMIT`,
      )
      .catch(() => undefined)
    await rename(boardId, 'After')
    await stream.until('the next is told', named('After'))
    expect(stream.updates('boards:update').map(({ data }) => data.name)).toEqual([
      'Steady',
      'After',
    ])
  })

  test('EVT-4: what is offered goes with its workspace, and with the account that offered it', async ({
    cast,
    watchLive,
    person,
  }) => {
    const { stranger } = cast
    const leaver = await person('leaver')
    const stream = await watchLive(stranger)
    const offerIn = async (owner: SignedIn) => {
      const name = 'Short-lived'
      const { id } = (await cast.call(owner, 'POST', '/api/workspaces', { name })).body
      const path = `/api/workspaces/${id}/members`
      const { body } = await cast.call(owner, 'POST', path, { email: stranger.user.email })
      await stream.until('the offer is sent', ({ data }) => data.data?.id === body.id)
      return { workspaceId: id as string, id: body.id as string }
    }
    const ways = {
      workspace_deleted: async (owner: SignedIn, workspaceId: string) =>
        cast.call(owner, 'DELETE', `/api/workspaces/${workspaceId}`),
      account_deleted: async (owner: SignedIn) => cast.call(owner, 'DELETE', '/api/auth/me'),
    }
    for (const [reason, end] of Object.entries(ways)) {
      const offer = await offerIn(leaver)
      expect((await end(leaver, offer.workspaceId)).status).toBeLessThan(300)
      await eventually(`${reason} withdraws it`, () =>
        stream
          .updates('memberships:update')
          .some(({ type, data }) => type === 'delete' && data.id === offer.id),
      )
    }
    expect((await cast.call(stranger, 'GET', '/api/memberships')).body.items).toEqual([])
  })

  test('EVT-4: of a workspace and its members are sent to its members', async ({
    cast,
    watchLive,
  }) => {
    const { body: workspace } = await cast.call(cast.workspaceOwner, 'POST', '/api/workspaces', {
      name: 'Studio',
    })
    const path = `/api/workspaces/${workspace.id}`
    const owner = await watchLive(cast.workspaceOwner, { query: { workspaceId: workspace.id } })
    const { body: board } = await cast.call(cast.workspaceOwner, 'POST', `${path}/boards`, {
      name: 'In the studio',
    })
    // Or it may be sent to a stream that opens while it is published.
    await owner.until('the board is sent', named('In the studio'))
    const before = owner.updates('boards:update').length
    const newcomer = await watchLive(cast.stranger)

    const offer = await cast.call(cast.workspaceOwner, 'POST', `${path}/members`, {
      email: 'stranger@example.com',
    })
    for (const stream of [newcomer, owner]) {
      await stream.until('the offer is sent', ({ name }) => name === 'memberships:update')
      expect(stream.updates('memberships:update')).toEqual([{ type: 'add', data: offer.body }])
    }
    await cast.call(cast.stranger, 'POST', `/api/memberships/${offer.body.id}/accept`)
    const members = (await cast.call(cast.workspaceOwner, 'GET', `${path}/members`)).body.items
    for (const stream of [newcomer, owner]) {
      await eventually('the offer goes', () => stream.updates('memberships:update').length === 2)
      expect(stream.updates('memberships:update')[1]).toEqual({
        type: 'delete',
        data: { id: offer.body.id, workspaceId: workspace.id },
      })
    }
    await newcomer.until('they see the board', named('In the studio'))
    expect(newcomer.updates('workspaces:update')[0]).toMatchObject({
      type: 'add',
      data: { id: workspace.id, access: { role: 'member' } },
    })
    await owner.until('the member is told', ({ name }) => name === 'members:update')
    expect(owner.updates('members:update')).toEqual([
      { type: 'add', data: { workspaceId: workspace.id, boardId: null, ...members[1] } },
    ])

    await cast.call(cast.workspaceOwner, 'PATCH', `${path}/members/${cast.stranger.user.id}`, {
      role: 'admin',
    })
    await newcomer.until('they are told what they may do', ({ name, data }) => {
      return name === 'boards:update' && data.data.access?.role === 'owner'
    })
    const seen = (await cast.call(cast.stranger, 'GET', path)).body
    expect(newcomer.updates('workspaces:update').at(-1)).toEqual({ type: 'update', data: seen })
    expect(owner.updates('boards:update').slice(before)).toEqual([])

    await cast.call(cast.workspaceOwner, 'DELETE', `${path}/members/${cast.stranger.user.id}`)
    await newcomer.until('they see it no more', ({ data }) => data.type === 'delete')
    await eventually('nothing of it is left to them', () => {
      return newcomer.updates('boards:update').at(-1)?.type === 'delete'
    })
    expect(newcomer.updates('boards:update').at(-1)?.data).toEqual({
      id: board.id,
      workspaceId: workspace.id,
    })
    expect(newcomer.updates('workspaces:update').at(-1)).toEqual({
      type: 'delete',
      data: { id: workspace.id },
    })
    const sentBefore = newcomer.events.length
    await cast.call(cast.workspaceOwner, 'PATCH', path, { name: 'Secret' })
    await cast.call(cast.workspaceOwner, 'DELETE', path)
    // Not the workspace's: its change of name may be told as its end, before that of the board.
    const end = await owner.until('the end of the board is told', ({ name, data }) => {
      return name === 'boards:update' && data.type === 'delete'
    })
    expect(end.data.data).toEqual({ id: board.id, workspaceId: workspace.id })
    expect(owner.updates('workspaces:update').at(-1)).toEqual({
      type: 'delete',
      data: { id: workspace.id },
    })
    expect(newcomer.events.length).toBe(sentBefore)
  })

  test('EVT-4: of the members of a board are sent to who sees it, emails only to who manages it', async ({
    cast,
    watchLive,
  }) => {
    const boardId = await cast.newBoard()
    const [owner, viewer, guest] = await Promise.all([
      watchLive(cast.owner),
      watchLive(cast.viewer),
      watchLive(cast.stranger),
    ])
    const created = await cast.call(cast.owner, 'POST', `/api/boards/${boardId}/invite`, {
      role: 'viewer',
    })
    await owner.until('the invite is told', ({ name }) => name === 'invites:update')
    const told = (count: number) =>
      eventually('all are told', () => {
        const people = [owner, viewer].map((stream) => stream.updates('members:update').length)
        return [...people, guest.updates('boards:update').length].every((so) => so === count)
      })
    await cast.call(cast.stranger, 'POST', `/api/invites/${created.body.token}/accept`)
    await told(1)
    const path = `/api/boards/${boardId}/members/${cast.stranger.user.id}`
    await cast.call(cast.owner, 'PUT', path, { role: 'editor' })
    await told(2)
    await cast.call(cast.owner, 'DELETE', path)
    await told(3)
    expect(guest.updates('boards:update').map(({ type }) => type)).toEqual([
      'add',
      'update',
      'delete',
    ])
    const place = { workspaceId: cast.workspaceId, boardId, userId: cast.stranger.user.id }
    const shown = (stream: EventStream) => stream.updates('members:update')
    expect(shown(owner)[0]).toMatchObject({
      type: 'add',
      data: { ...place, role: 'viewer', email: 'stranger@example.com' },
    })
    expect(shown(viewer)[1]).toMatchObject({
      type: 'update',
      data: { ...place, role: 'editor', email: null },
    })
    expect(shown(viewer)[2]).toEqual({ type: 'delete', data: place })

    // Invites are for who may invite, and never hold the link.
    expect(viewer.updates('invites:update')).toEqual([])
    expect(owner.updates('invites:update')).toMatchObject([
      { type: 'add', data: { id: created.body.id, uses: 0, state: 'open' } },
      { type: 'update', data: { id: created.body.id, uses: 1, state: 'open' } },
    ])
    expect(JSON.stringify(owner.events)).not.toContain(created.body.token)
  })

  test('EVT-6: are sent to nobody without access', async ({ watchLive, cast }) => {
    const stranger = await watchLive(cast.stranger)
    const member = await watchLive(cast.workspaceMember)
    const boardId = await cast.newBoard('Private')
    await cast.call(cast.workspaceOwner, 'DELETE', `/api/boards/${boardId}`)
    await member.until('it is told', ({ data }) => data.type === 'delete')
    expect(stranger.events).toHaveLength(2)
  })

  test('EVT-14: told by several events keep the position until the last of them', async ({
    cast,
    watchLive,
  }) => {
    const { body: workspace } = await cast.call(cast.workspaceOwner, 'POST', '/api/workspaces', {
      name: 'Parts',
    })
    for (const name of ['A', 'B', 'C']) {
      await cast.call(cast.workspaceOwner, 'POST', `/api/workspaces/${workspace.id}/boards`, {
        name,
      })
    }
    const offer = await cast.call(
      cast.workspaceOwner,
      'POST',
      `/api/workspaces/${workspace.id}/members`,
      { email: 'stranger@example.com' },
    )
    const stream = await watchLive(cast.stranger)
    await cast.call(cast.stranger, 'POST', `/api/memberships/${offer.body.id}/accept`)
    const ofAccepting = () =>
      stream.events.slice(2).filter(({ name }) => name !== 'memberships:update')
    await eventually('all are told', () => ofAccepting().length >= 5)
    const parts = ofAccepting()
    const seq = Number(parts[0]?.data.eventId)
    expect(parts.map(({ data }) => data.eventId)).toEqual(parts.map(() => `${seq}`))
    expect(parts.map(({ lastEventId }) => Number(lastEventId))).toEqual([
      ...parts.slice(1).map(() => seq - 1),
      seq,
    ])
    await cast.call(cast.workspaceOwner, 'DELETE', `/api/workspaces/${workspace.id}`)
    // Or whoever listens next may be told of it.
    await stream.until('the end is told', ({ data }) => data.type === 'delete')
  })

  test('EVT-15: of more than 500 boards at once bring the list anew', async ({
    cast,
    stack,
    watchLive,
  }) => {
    const { body: workspace } = await cast.call(cast.workspaceOwner, 'POST', '/api/workspaces', {
      name: 'Large',
    })
    await stack.database.query(
      `INSERT INTO boards (workspace_id, name) SELECT $1, 'B' || n FROM generate_series(1, 501) AS n`,
      [workspace.id],
    )
    const stream = await watchLive(cast.stranger)
    const people = { by: cast.workspaceOwner, whom: cast.stranger }
    await offerAndAccept(stack, workspace.id, people)
    const initials = () => stream.events.filter(({ name }) => name === 'boards:initial')
    await eventually('the list came anew', () => initials().length === 2)
    expect(initials()[1]?.data.total).toBe(501)
    expect(stream.updates('workspaces:update')[0]?.type).toBe('add')
    expect(stream.updates('boards:update')).toEqual([])
    await cast.call(cast.workspaceOwner, 'DELETE', `/api/workspaces/${workspace.id}`)
    await eventually('and again', () => initials().length === 3)
    expect(initials()[2]?.data.items).toEqual([])
    expect(stream.updates('workspaces:update').at(-1)?.type).toBe('delete')
  })

  test('EVT-15: that come of a deleted account bring the list anew', async ({
    person,
    watchLive,
    stack,
    cast,
    watch,
  }) => {
    const leaver = await person('leaver')
    const own = await watchLive(leaver)
    const { body } = await callApi(`${stack.apiUrl}/api/workspaces`, { token: leaver.accessToken })
    const { body: board } = await callApi(
      `${stack.apiUrl}/api/workspaces/${body.items[0].id}/boards`,
      { token: leaver.accessToken, body: { name: 'Theirs' } },
    )
    // Before there is a guest, who would be told of it, too.
    await own.until('the board is told', named('Theirs'))
    await stack.database.query(
      `INSERT INTO board_members (board_id, user_id, role) VALUES ($1, $2, 'viewer')`,
      [board.id, cast.stranger.user.id],
    )
    const guest = await watchLive(cast.stranger)
    const { lastEventId } = guest
    expect(guest.events[1]?.data.items[0]?.id).toBe(board.id)
    await callApi(`${stack.apiUrl}/api/auth/me`, { token: leaver.accessToken, method: 'DELETE' })
    await eventually('the list came anew', () => guest.events[2])
    expect(guest.events[2]).toMatchObject({ name: 'boards:initial', data: { items: [] } })
    await own.untilEnded()
    expect(own.events.at(-1)).toMatchObject({ name: 'error', data: { code: 'session_ended' } })

    const back = await watch(cast.stranger, { lastEventId })
    await back.until('the list', ({ name }) => name === 'boards:initial')
    expect(back.events[0]?.data).toEqual({ from: lastEventId, complete: false })
  })
})

test('EVT-7: a change made while a stream reads its list is sent after it', async ({
  stack,
  watch,
  cast,
  newestSeq,
}) => {
  const pool = openDatabase({ url: stack.database.url, poolSize: 1, onError: () => undefined })
  let unlock: () => void = () => undefined
  const unlocked = new Promise<void>((resolve) => {
    unlock = resolve
  })
  let isLocked = false
  // The list waits for this; that a workspace has another name needs nothing of it.
  const holding = pool.db.transaction().execute(async (tx) => {
    await sql`LOCK TABLE boards IN ACCESS EXCLUSIVE MODE`.execute(tx)
    isLocked = true
    await unlocked
  })
  await eventually('the table is locked', () => isLocked)
  const heard = await watch(cast.workspaceMember)
  await heard.until('it is about to read', ({ name }) => name === 'resumed')
  for (const name of ['First', 'Second']) {
    await cast.call(cast.workspaceOwner, 'PATCH', `/api/workspaces/${cast.workspaceId}`, { name })
  }
  await eventually('both were delivered', async () => {
    const text = await (await fetch(`${stack.apiUrl}/metrics`)).text()
    return Number(/^sse_queue_size (\d+)$/m.exec(text)?.[1]) > 0
  })
  await newestSeq()
  expect(heard.events).toHaveLength(1)
  unlock()
  await holding
  await pool.close()
  await eventually('all is told', () => heard.events.length === 4)
  expect(heard.events.map(({ name }) => name)).toEqual([
    'resumed',
    'boards:initial',
    'workspaces:update',
    'workspaces:update',
  ])
  expect(heard.events.at(-1)?.data.data.name).toBe('Second')
})

describe('a client that reconnects', () => {
  test('EVT-5: receives what it missed in order, and then new changes', async ({
    cast,
    watchLive,
    rename,
    watch,
  }) => {
    const boardId = await cast.newBoard('0')
    const before = await watchLive(cast.workspaceMember)
    before.close()
    for (let i = 1; i <= 5; i++) await rename(boardId, `${i}`)
    const { lastEventId } = before
    const stream = await watch(cast.workspaceMember, { lastEventId })
    await eventually('all are told', () => stream.updates('boards:update').length >= 5)
    expect(stream.events[0]).toMatchObject({
      name: 'resumed',
      data: { from: lastEventId, complete: true },
    })
    const ids = stream.events.slice(1).map(({ data }) => Number(data.eventId))
    expect(ids).toEqual([...ids].sort((a, b) => a - b))
    expect(stream.events.some(({ name }) => name === 'boards:initial')).toBe(false)
    await rename(boardId, 'live')
    await stream.until('the next is told', named('live'))
    // The header counts before the query.
    const both = await watch(cast.workspaceMember, {
      lastEventId: stream.lastEventId,
      query: { lastEventId },
    })
    await both.until('it is resumed', ({ name }) => name === 'resumed')
    expect(both.events[0]?.data.from).toBe(stream.lastEventId)
    const byQuery = await watch(cast.workspaceMember, { query: { lastEventId } })
    await byQuery.until('it is resumed', named('live'))
    expect(byQuery.events[0]?.data).toEqual({ from: lastEventId, complete: true })
  })

  test('EVT-5: gets the list where more than 500 are missed, or what they know is not kept', async ({
    cast,
    newestSeq,
    stack,
    watch,
    boardsOf,
  }) => {
    const boardId = await cast.newBoard()
    const lastEventId = `${await newestSeq()}`
    const missed = (count: number) =>
      stack.database.query(
        `INSERT INTO events (seq, type, workspace_id, board_id, data, published_at)
         SELECT nextval('events_seq'), 'board.updated', $1, $2, '{"access":[],"sessions":[]}', now()
         FROM generate_series(1, $3::int)`,
        [cast.workspaceId, boardId, count],
      )
    await missed(500)
    const exact = await watch(cast.workspaceMember, { lastEventId })
    await eventually('all are told', () => exact.updates('boards:update').length === 500)
    expect(exact.events[0]?.data.complete).toBe(true)
    await missed(1)
    await eventually('the next is told', () => exact.updates('boards:update').length === 501)
    for (const id of [lastEventId, '99999999', 'x', '-1', '9'.repeat(40)]) {
      const stream = await watch(cast.workspaceMember, { lastEventId: id })
      await stream.until('the list is there', ({ name }) => name === 'boards:initial')
      expect(stream.events[0]).toMatchObject({
        name: 'resumed',
        data: { from: id, complete: false },
      })
      expect(stream.events[1]?.data.items).toEqual(await boardsOf(cast.workspaceMember))
      stream.close()
    }
    await stack.database.query('DELETE FROM events WHERE seq <= $1', [Number(lastEventId) + 100])
    const old = await watch(cast.workspaceMember, { lastEventId: `${Number(lastEventId) + 50}` })
    await old.until('the list is there', ({ name }) => name === 'boards:initial')
    expect(old.events[0]?.data.complete).toBe(false)
  })

  test('EVT-6: sees what they may see today, and that they lost the rest', async ({
    cast,
    stack,
    watchLive,
    rename,
    watch,
  }) => {
    const { call, owner, stranger } = cast
    const boards = await Promise.all(['kept', 'left', 'thrown away', 'gone'].map(cast.newBoard))
    const [kept = '', left = '', thrown = '', gone = ''] = boards
    for (const boardId of boards) {
      await stack.database.query(
        `INSERT INTO board_members (board_id, user_id, role) VALUES ($1, $2, 'viewer')`,
        [boardId, stranger.user.id],
      )
    }
    const before = await watchLive(stranger)
    before.close()
    await rename(kept, 'kept and renamed')
    await rename(left, 'not for them')
    await call(owner, 'DELETE', `/api/boards/${left}/members/${stranger.user.id}`)
    await rename(left, 'even less for them')
    await call(owner, 'DELETE', `/api/boards/${thrown}`)
    await call(owner, 'DELETE', `/api/boards/${gone}`)
    await call(owner, 'DELETE', `/api/boards/${gone}/permanently`)
    const stream = await watch(stranger, { lastEventId: before.lastEventId })
    await stream.until('what is gone', ({ data }) => data.data?.id === gone)
    expect(stream.events[0]?.data.complete).toBe(true)
    const last = new Map(stream.updates('boards:update').map(({ type, data }) => [data.id, type]))
    expect(Object.fromEntries(last)).toEqual({
      [kept]: 'update',
      [left]: 'delete',
      [thrown]: 'delete',
      [gone]: 'delete',
    })
    expect(JSON.stringify(stream.events)).not.toContain('for them')
  })
})

describe('whatever fails', () => {
  test('EVT-8: a change whose wake-up was lost is sent within a second', async ({
    watchLive,
    cast,
    stack,
  }) => {
    const stream = await watchLive(cast.workspaceMember)
    const boardId = await cast.newBoard('Quiet')
    await stream.until('the board is there', named('Quiet'))
    // Committed, numbered and marked as published: nobody will say anything of it any more.
    await stack.database.query(
      `WITH renamed AS (UPDATE boards SET name = 'Unheard' WHERE id = $1)
       INSERT INTO events (seq, type, workspace_id, board_id, data, published_at)
       VALUES (nextval('events_seq'), 'board.updated', $2, $1, '{"access":[],"sessions":[]}', now())`,
      [boardId, cast.workspaceId],
    )
    const committedAt = Date.now()
    await stream.until('it is told', named('Unheard'))
    // As much as a busy machine takes for a second.
    expect(Date.now() - committedAt).toBeLessThan(5_000)
  })

  test('EVT-10: a stream ends with the session, and says so', async ({ stack, atEnd, person }) => {
    const guest = await person('ends')
    const stream = await openEvents(stack.apiUrl, { token: guest.accessToken })
    atEnd(stream.close)
    await stream.until('the list is there', ({ name }) => name === 'boards:initial')
    await callApi(`${stack.apiUrl}/api/auth/logout`, { token: guest.accessToken, method: 'POST' })
    await stream.untilEnded(2_000)
    expect(stream.events.at(-1)).toMatchObject({ name: 'error', data: { code: 'session_ended' } })
  })
})

test('what streams do is counted', async ({ watchLive, cast, stack }) => {
  const stream = await watchLive(cast.workspaceMember)
  const boardId = await cast.newBoard('Counted')
  await stream.until('it is told', ({ data }) => data.data?.id === boardId)
  const text = await (await fetch(`${stack.apiUrl}/metrics`)).text()
  const value = (name: string) =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.split(' ')
        .at(-1),
    )
  expect(value('sse_connections')).toBeGreaterThanOrEqual(1)
  expect(value('sse_queue_size')).toBeGreaterThanOrEqual(0)
  expect(value('sse_overflow_total')).toBe(0)
  expect(value('sse_connection_seconds_count')).toBeGreaterThan(0)
  expect(value('sse_delivery_lag_seconds_count')).toBeGreaterThan(0)
  expect(value('sse_events_sent_total{event="boards:update"}')).toBeGreaterThan(0)
})
