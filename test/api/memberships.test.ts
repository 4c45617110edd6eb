import type { SignedIn } from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import { test } from '../support/team.ts'

const NOTHING = { audit: [], events: [] }
const DAY_MS = 24 * 60 * 60 * 1_000

describe('offering a membership', () => {
  test('answers the same whether an account has the email or not', async ({
    add,
    admin,
    team,
    roles,
    recorded,
  }) => {
    const offers = [
      await add(admin, { email: 'GUIDO@Example.com' }),
      await add(admin, { email: 'Nobody@Example.com' }),
    ]
    for (const { status, body } of offers) {
      expect(status).toBe(202)
      expect(body).toEqual({
        id: expect.any(String),
        workspaceId: team,
        workspaceName: 'Team',
        kind: 'join',
        role: 'member',
        email: expect.stringMatching(/^(guido|nobody)@example\.com$/),
        invitedBy: admin.user.id,
        inviterName: admin.user.name,
        createdAt: expect.any(String),
        expiresAt: expect.any(String),
      })
      expect(Date.parse(body.expiresAt) - Date.parse(body.createdAt)).toBe(14 * DAY_MS)
    }
    expect((await roles()).guido).toBeUndefined()
    const { audit, events } = await recorded()
    expect(audit.map(({ action, changes }) => [action, changes])).toEqual([
      ['membership.offered', { email: 'guido@example.com', role: 'member' }],
      ['membership.offered', { email: 'nobody@example.com', role: 'member' }],
    ])
    // Access changes when the person accepts.
    for (const { user_id, data } of events) expect([user_id, data.access]).toEqual([null, []])
  })

  test('reaches a person who signs in with the email later', async ({
    add,
    owner,
    person,
    offeredTo,
    answer,
    roles,
  }) => {
    const name = `late-${crypto.randomUUID()}`
    await add(owner, { email: `${name}@example.com`, role: 'admin' })
    const late = await person(name)
    const offer = await offeredTo(late)
    expect(offer).toMatchObject({ role: 'admin', email: `${name}@example.com` })
    expect((await answer(late, offer.id, 'accept')).status).toBe(200)
    expect((await roles())[name]).toBe('admin')
  })

  test.for([
    ['an owner', 'owner', 'owner', 202],
    ['an owner', 'owner', 'admin', 202],
    ['an admin', 'admin', 'admin', 202],
    ['an admin', 'admin', 'member', 202],
    ['an admin', 'admin', 'owner', 403],
    ['a member', 'member', 'member', 403],
    ['a stranger', 'stranger', 'member', 404],
  ] as const)(
    'by %s: %s',
    async ([_, who, role, status], { people, add, guest, offeredTo, recorded }) => {
      expect((await add(people[who], { email: 'guido@example.com', role })).status).toBe(status)
      expect((await offeredTo(guest))?.role).toBe(status === 202 ? role : undefined)
      if (status !== 202) expect(await recorded()).toEqual(NOTHING)
    },
  )

  test('of a role that a member has is refused, since managers see the members', async ({
    add,
    owner,
    recorded,
  }) => {
    for (const [email, role] of [
      ['mia@example.com', 'member'],
      ['mia@example.com', 'admin'],
      ['olga@example.com', 'owner'],
    ]) {
      const { body } = await add(owner, { email, role })
      expect(body).toMatchObject({ status: 409, code: 'already_member' })
    }
    expect(await recorded()).toEqual(NOTHING)
  })

  test('is refused in a personal workspace', async ({ as, owner }) => {
    const { body } = await as(owner, '/api/workspaces?sort=createdAt&limit=1')
    const path = `/api/workspaces/${body.items[0].id}/members`
    const refused = await as(owner, path, { body: { email: 'guido@example.com' } })
    expect(refused.body).toMatchObject({ status: 409, code: 'personal_workspace' })
    expect((await as(owner, path)).body.items).toHaveLength(1)
  })

  test('twice with one key is offering once; again, it takes the place of the one before', async ({
    add,
    owner,
    recorded,
    admin,
    inTeam,
  }) => {
    const body = { email: 'guido@example.com', role: 'admin' }
    const key = { 'idempotency-key': crypto.randomUUID() }
    const first = await add(owner, body, key)
    const again = await add(owner, body, key)
    expect([again.status, again.body]).toEqual([202, first.body])
    expect((await recorded()).events).toHaveLength(1)
    expect((await add(owner, { ...body, role: 'member' }, key)).status).toBe(422)

    const answers = await Promise.all(
      [owner, admin].map((who) => add(who, { email: 'Guido@example.com' })),
    )
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 202, body: { role: 'member' } })
    }
    const { items } = (await inTeam(owner, '/memberships')).body
    expect(items).toHaveLength(1)
    expect(answers.map(({ body }) => body)).toContainEqual(items[0])
    expect((await recorded()).events).toHaveLength(5)
  })

  test('under another id, so that nobody accepts a role that they have not seen', async ({
    add,
    owner,
    guest,
    answer,
    offeredTo,
  }) => {
    const seen = (await add(owner, { email: 'guido@example.com' })).body
    await add(owner, { email: 'guido@example.com', role: 'owner' })
    expect((await answer(guest, seen.id, 'accept')).status).toBe(404)
    const { id, role } = (await offeredTo(guest)) as { id: string; role: string }
    expect(role).toBe('owner')
    expect((await answer(guest, id, 'accept')).status).toBe(200)
  })

  test('is bounded, and a withdrawn one makes room', async ({
    add,
    owner,
    stack,
    team,
    inTeam,
  }) => {
    await add(owner, { email: 'last@example.com' })
    await stack.database.query(
      `INSERT INTO pending_memberships (workspace_id, email, role, invited_by, expires_at)
       SELECT $1, 'crowd' || n || '@example.com', 'member', $2, now() + interval '1 day'
       FROM generate_series(1, 99) AS n`,
      [team, owner.user.id],
    )
    const more = () => add(owner, { email: 'guido@example.com' })
    expect((await more()).body).toMatchObject({ status: 409, code: 'too_many_memberships' })
    const again = await add(owner, { email: 'last@example.com', role: 'admin' })
    expect(again.status).toBe(202)
    const path = `/memberships/${again.body.id}`
    expect((await inTeam(owner, path, { method: 'DELETE' })).status).toBe(204)
    expect((await more()).status).toBe(202)
  })

  test.for([
    ['no email', {}, '/email'],
    ['what is no email', { email: 'guido' }, '/email'],
    ['an unknown role', { email: 'guido@example.com', role: 'editor' }, '/role'],
    ['an unknown field', { email: 'guido@example.com', admin: true }, '/admin'],
  ])('%s is a 400', async ([_, body, pointer], { add, owner }) => {
    const answer = await add(owner, body)
    expect(answer.status).toBe(400)
    expect(answer.body.errors[0].pointer).toBe(pointer)
  })
})

describe('a pending membership', () => {
  test('is accepted by the person, who then sees the boards', async ({
    createBoard,
    accessVersion,
    add,
    admin,
    guest,
    team,
    as,
    answer,
    inTeam,
    recorded,
  }) => {
    const boardId = await createBoard()
    const version = await accessVersion(boardId)
    const { id } = (await add(admin, { email: 'guido@example.com' })).body
    expect((await as(guest, `/api/boards/${boardId}`)).status).toBe(404)
    expect(await accessVersion(boardId)).toBe(version)

    const accepted = await answer(guest, id, 'accept')
    expect(accepted.status).toBe(200)
    const read = await inTeam(guest, '')
    expect(accepted.body).toEqual(read.body)
    expect(accepted.body).toMatchObject({ id: team, access: { role: 'member' } })
    expect(accepted.headers.get('etag')).toBe(read.headers.get('etag'))
    expect((await as(guest, `/api/boards/${boardId}`)).body.access.role).toBe('editor')
    // The response may have been lost.
    const again = await answer(guest, id, 'accept')
    expect([again.status, again.body]).toEqual([200, accepted.body])
    expect((await answer(guest, id, 'decline')).body.code).toBe('membership_not_found')
    const { audit, events } = await recorded()
    expect(audit.map(({ action, actor_id }) => [action, actor_id])).toEqual([
      ['membership.offered', admin.user.id],
      ['membership.accepted', guest.user.id],
      ['workspace.member_added', guest.user.id],
    ])
    expect(events[1]).toMatchObject({
      type: 'workspace.member_added',
      user_id: guest.user.id,
      // Without access there was an answer that a gateway may remember.
      data: { access: [{ boardId, version: version + 1 }] },
    })
  })

  test('that was accepted gives nothing back to who was removed since', async ({
    add,
    owner,
    guest,
    answer,
    remove,
    roles,
  }) => {
    const { id } = (await add(owner, { email: 'guido@example.com' })).body
    expect((await answer(guest, id, 'accept')).status).toBe(200)
    expect((await remove(owner, guest)).status).toBe(204)
    expect((await answer(guest, id, 'accept')).status).toBe(404)
    expect((await roles()).guido).toBeUndefined()
  })

  test('is declined without a trace of who declined', async ({
    add,
    owner,
    guest,
    answer,
    roles,
    inTeam,
    offeredTo,
  }) => {
    const { id } = (await add(owner, { email: 'guido@example.com' })).body
    expect((await answer(guest, id, 'decline')).status).toBe(204)
    expect((await answer(guest, id, 'decline')).status).toBe(204)
    expect(await offeredTo(guest)).toBeUndefined()
    expect((await inTeam(owner, '/memberships')).body.items).toEqual([])
    expect((await roles()).guido).toBeUndefined()
    expect((await answer(guest, id, 'accept')).status).toBe(404)
    const { items } = (await inTeam(owner, '/audit')).body
    for (const entry of items) expect(entry.actorId).not.toBe(guest.user.id)
  })

  test("is nobody else's, nor one of an email that is not verified", async ({
    add,
    owner,
    guest,
    stranger,
    answer,
    offeredTo,
    stack,
  }) => {
    const { id } = (await add(owner, { email: 'guido@example.com' })).body
    const setVerified = (verified: boolean) =>
      stack.database.query('UPDATE users SET email_verified = $1 WHERE id = $2', [
        verified,
        guest.user.id,
      ])
    await setVerified(false)
    for (const who of [stranger, owner, guest]) {
      expect(await offeredTo(who)).toBeUndefined()
      for (const what of ['accept', 'decline'] as const) {
        expect((await answer(who, id, what)).body.code).toBe('membership_not_found')
      }
    }
    await setVerified(true)
    expect((await answer(guest, id, 'accept')).status).toBe(200)
  })

  test('expires', async ({ add, owner, guest, stack, answer, offeredTo, inTeam }) => {
    const { id } = (await add(owner, { email: 'guido@example.com' })).body
    await stack.database.query('UPDATE pending_memberships SET expires_at = now() WHERE id = $1', [
      id,
    ])
    expect(await offeredTo(guest)).toBeUndefined()
    expect((await inTeam(owner, '/memberships')).body.items).toEqual([])
    expect((await answer(guest, id, 'accept')).status).toBe(404)
    const again = (await add(owner, { email: 'guido@example.com' })).body
    expect((await answer(guest, again.id, 'accept')).status).toBe(200)
  })

  test('is listed for managers alone, and withdrawn by them', async ({
    add,
    owner,
    admin,
    member,
    stranger,
    inTeam,
    offeredTo,
    guest,
  }) => {
    const [asOwner, asMember] = [
      (await add(owner, { email: 'guido@example.com', role: 'owner' })).body,
      (await add(owner, { email: 'stan@example.com' })).body,
    ]
    expect((await inTeam(admin, '/memberships')).body).toEqual({
      items: [asMember, asOwner],
      nextCursor: null,
    })
    expect((await inTeam(member, '/memberships')).status).toBe(403)
    expect((await inTeam(stranger, '/memberships')).status).toBe(404)
    const withdraw = (who: SignedIn, { id }: { id: string }) =>
      inTeam(who, `/memberships/${id}`, { method: 'DELETE' })
    expect((await withdraw(member, asMember)).status).toBe(403)
    expect((await withdraw(admin, asOwner)).status).toBe(403)
    expect((await withdraw(admin, asMember)).status).toBe(204)
    expect((await withdraw(owner, asOwner)).status).toBe(204)
    expect((await withdraw(owner, asOwner)).body.code).toBe('membership_not_found')
    for (const who of [guest, stranger]) expect(await offeredTo(who)).toBeUndefined()
  })

  test('goes with the right of who made it', async ({
    add,
    admin,
    owner,
    guest,
    change,
    answer,
    offeredTo,
  }) => {
    const { id } = (await add(admin, { email: 'guido@example.com' })).body
    expect((await change(owner, admin, 'member')).status).toBe(200)
    expect(await offeredTo(guest)).toBeUndefined()
    expect((await answer(guest, id, 'accept')).status).toBe(404)
  })

  test('does not raise a member again who was given a lesser role or removed since', async ({
    add,
    owner,
    admin,
    change,
    remove,
    answer,
    roles,
  }) => {
    const offerOwner = async () =>
      (await add(owner, { email: 'adam@example.com', role: 'owner' })).body.id
    const first = await offerOwner()
    await change(owner, admin, 'member')
    expect((await answer(admin, first, 'accept')).status).toBe(404)
    const second = await offerOwner()
    await remove(owner, admin)
    expect((await answer(admin, second, 'accept')).status).toBe(404)
    expect((await roles()).adam).toBeUndefined()
  })

  test('makes a member an owner once they accept', async ({
    add,
    change,
    owner,
    member,
    answer,
    roles,
  }) => {
    expect((await change(owner, member, 'owner')).body).toMatchObject({
      status: 409,
      code: 'ownership_needs_consent',
    })
    const { id } = (await add(owner, { email: 'mia@example.com', role: 'owner' })).body
    expect((await roles()).mia).toBe('member')
    expect((await answer(member, id, 'accept')).body.access.role).toBe('owner')
    expect(await roles()).toMatchObject({ olga: 'owner', mia: 'owner' })
  })

  test('goes with its workspace', async ({ add, owner, guest, inTeam, offeredTo, answer }) => {
    const { id } = (await add(owner, { email: 'guido@example.com' })).body
    expect((await inTeam(owner, '', { method: 'DELETE' })).status).toBe(204)
    expect(await offeredTo(guest)).toBeUndefined()
    expect((await answer(guest, id, 'accept')).status).toBe(404)
  })

  test('is answered once, however often at once', async ({
    add,
    owner,
    guest,
    answer,
    recorded,
  }) => {
    const { id } = (await add(owner, { email: 'guido@example.com' })).body
    const answers = await Promise.all(
      Array.from({ length: 5 }, (_, i) => answer(guest, id, i % 2 ? 'decline' : 'accept')),
    )
    const successes = answers.filter(({ status }) => status < 300)
    // The others of the same kind repeat it.
    expect(new Set(successes.map(({ status }) => status)).size).toBe(1)
    expect(successes).toHaveLength(successes[0]?.status === 200 ? 3 : 2)
    const added = (await recorded()).events.filter(({ type }) => type === 'workspace.member_added')
    expect(added).toHaveLength(successes[0]?.status === 200 ? 1 : 0)
  })
})

describe('handing the workspace over', () => {
  test('makes the member owner and the caller admin, when the member accepts', async ({
    createBoard,
    transfer,
    owner,
    member,
    team,
    roles,
    ownerId,
    as,
    offeredTo,
    answer,
    recorded,
  }) => {
    const boardId = await createBoard()
    const { status, body } = await transfer(owner, member)
    expect(status).toBe(202)
    expect(body).toMatchObject({ kind: 'transfer', role: 'owner', email: 'mia@example.com' })
    expect(await offeredTo(member)).toEqual(body)
    expect(await roles()).toEqual({ olga: 'owner', adam: 'admin', mia: 'member' })
    expect(await ownerId()).toBe(owner.user.id)

    const accepted = await answer(member, body.id, 'accept')
    expect(accepted.body).toMatchObject({ id: team, access: { role: 'owner' } })
    expect(await roles()).toEqual({ olga: 'admin', adam: 'admin', mia: 'owner' })
    expect(await ownerId()).toBe(member.user.id)
    expect((await as(member, `/api/boards/${boardId}`)).body.access.role).toBe('owner')
    const { audit, events } = await recorded()
    expect(audit.map(({ action, changes }) => [action, changes])).toEqual([
      ['membership.offered', { ownerId: member.user.id }],
      ['membership.accepted', { ownerId: member.user.id }],
      ['workspace.member_updated', { role: 'admin', formerRole: 'owner' }],
      ['workspace.member_updated', { role: 'owner', formerRole: 'member' }],
      ['workspace.updated', { ownerId: member.user.id, formerOwnerId: owner.user.id }],
    ])
    expect(events.map(({ user_id }) => user_id)).toEqual([
      null,
      member.user.id,
      owner.user.id,
      null,
      null,
    ])
    expect(events[1].data.access[0].boardId).toBe(boardId)
  })

  test('to a member who is an owner too makes them the one it names', async ({
    join,
    guest,
    member,
    transfer,
    owner,
    answer,
    ownerId,
    roles,
  }) => {
    await join(guest, 'owner')
    await join(member, 'owner')
    const { id } = (await transfer(owner, member)).body
    expect((await answer(member, id, 'accept')).status).toBe(200)
    expect(await ownerId()).toBe(member.user.id)
    expect(await roles()).toMatchObject({ olga: 'admin', mia: 'owner', guido: 'owner' })
  })

  test('can be withdrawn, declined, and given to another in its place', async ({
    transfer,
    owner,
    admin,
    member,
    inTeam,
    answer,
    offeredTo,
    ownerId,
  }) => {
    const first = (await transfer(owner, member)).body
    const second = (await transfer(owner, admin)).body
    expect((await answer(member, first.id, 'accept')).status).toBe(404)
    expect((await inTeam(owner, '/memberships')).body.items).toEqual([second])
    expect((await inTeam(admin, `/memberships/${second.id}`, { method: 'DELETE' })).status).toBe(
      403,
    )
    expect((await answer(admin, second.id, 'decline')).status).toBe(204)
    const third = (await transfer(owner, member)).body
    expect((await inTeam(owner, `/memberships/${third.id}`, { method: 'DELETE' })).status).toBe(204)
    expect(await offeredTo(member)).toBeUndefined()
    expect(await ownerId()).toBe(owner.user.id)
  })

  test('goes when the member leaves', async ({
    transfer,
    owner,
    member,
    remove,
    answer,
    ownerId,
  }) => {
    const { id } = (await transfer(owner, member)).body
    expect((await remove(member, member)).status).toBe(204)
    expect((await answer(member, id, 'accept')).status).toBe(404)
    expect(await ownerId()).toBe(owner.user.id)
  })

  test.for([
    ['an admin', 'admin', 'member', 403, 'forbidden'],
    ['a member', 'member', 'member', 403, 'forbidden'],
    ['a stranger', 'stranger', 'member', 404, 'workspace_not_found'],
    ['the owner to a stranger', 'owner', 'stranger', 404, 'member_not_found'],
    ['the owner to themselves', 'owner', 'owner', 409, 'already_owner'],
  ] as const)(
    'by %s is refused',
    async ([_, who, target, status, code], { people, transfer, ownerId, owner, recorded }) => {
      expect((await transfer(people[who], people[target])).body).toMatchObject({ status, code })
      expect(await ownerId()).toBe(owner.user.id)
      expect(await recorded()).toEqual(NOTHING)
    },
  )

  test('is refused for a personal workspace', async ({ as, owner, member }) => {
    const { body } = await as(owner, '/api/workspaces?sort=createdAt&limit=1')
    const path = `/api/workspaces/${body.items[0].id}/transfer`
    const refused = await as(owner, path, { body: { userId: member.user.id } })
    expect(refused.body).toMatchObject({ status: 409, code: 'personal_workspace' })
  })

  test('to two people at once is offered to one of them', async ({
    transfer,
    owner,
    admin,
    member,
    inTeam,
  }) => {
    const answers = await Promise.all([transfer(owner, admin), transfer(owner, member)])
    expect(answers.map(({ status }) => status)).toEqual([202, 202])
    expect((await inTeam(owner, '/memberships')).body.items).toHaveLength(1)
  })

  test.for([
    [{}, '/userId'],
    [{ userId: 'mia' }, '/userId'],
    [{ userId: crypto.randomUUID(), role: 'owner' }, '/role'],
  ])('to %j is a 400', async ([body, pointer], { inTeam, owner }) => {
    const answer = await inTeam(owner, '/transfer', { body })
    expect(answer.body).toMatchObject({ status: 400, errors: [{ pointer }] })
  })
})
