import {
  type DraftChange,
  encodeUpdate,
  MAX_DRAFT_BYTES,
  type SentDraft,
  type ServerMessage,
} from '@mindfuse/protocol'
import { awarenessFrame, eventually, type WhiteboardClient } from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import { Doc, encodeStateAsUpdate } from 'yjs'
import { testWith } from '../support/fixtures.ts'
import { createLink, openAsGuest } from '../support/guests.ts'
import { addMember } from '../support/people.ts'

const test = testWith({ gateways: 2 })
  .extend('boardId', async ({ stack, boardId, viewer, commenter }) => {
    await addMember(stack, boardId, viewer, 'viewer')
    await addMember(stack, boardId, commenter, 'commenter')
    return boardId
  })
  .extend('setRole', ({ as, ada, boardId }) => async (userId: string, role: string | undefined) => {
    const path = `/api/boards/${boardId}/members/${userId}`
    await as(ada, path, role ? { method: 'PUT', body: { role } } : { method: 'DELETE' })
  })

const draft = (client: WhiteboardClient, ...drafts: DraftChange[]) =>
  client.say({ type: 'draft:update', drafts })
const whole = (id: string, value: unknown, version = 1): DraftChange => ({ id, version, value })
const append = (id: string, from: number, points: unknown[]): DraftChange => ({
  ...{ id, from, version: from + 1 },
  append: { points },
})

const ofType = <Type extends ServerMessage['type']>(client: WhiteboardClient, type: Type) =>
  client.messages.filter(
    (message): message is Extract<ServerMessage, { type: Type }> => message.type === type,
  )

const draftsOf = (client: WhiteboardClient): SentDraft[] =>
  ofType(client, 'draft:sync').flatMap(({ drafts }) => drafts)

const idOf = async (client: WhiteboardClient) => (await client.heard('hello')).connectionId

/** Waits until the client was sent a change of this draft. */
const sees = (client: WhiteboardClient, id: string, isWanted = (_: DraftChange) => true) =>
  client.heard('draft:sync', ({ drafts }) =>
    drafts.some(({ change }) => change.id === id && isWanted(change)),
  )

const seesEnd = (client: WhiteboardClient, id: string) =>
  sees(client, id, (change) => 'ended' in change)

function edit(key: string): Uint8Array {
  const doc = new Doc()
  doc.getMap('shapes').set(key, true)
  return encodeUpdate(encodeStateAsUpdate(doc))
}

describe('a draft', () => {
  test('DRAFT-1 DRAFT-2: reaches everybody else, on both gateways and from both', async ({
    whiteboard,
    ada,
    alan,
  }) => {
    const listeners = [await whiteboard(0, alan), await whiteboard(1, alan)]
    for (const gateway of [0, 1]) {
      const id = `stroke ${gateway}`
      const sender = await whiteboard(gateway, ada)
      const connectionId = await idOf(sender)
      const value = { color: 'red', points: [[1, 2]] }
      const user = { id: ada.user.id, name: ada.user.name }
      draft(sender, whole(id, value))
      for (const listener of listeners) await sees(listener, id)
      const more = append(id, 1, [[3, 4]])
      draft(sender, more)
      for (const listener of listeners) await sees(listener, id, (change) => 'append' in change)
      draft(sender, { id, ended: true })
      for (const listener of listeners) {
        await seesEnd(listener, id)
        expect(draftsOf(listener).filter(({ change }) => change.id === id)).toEqual([
          { connectionId, user, change: whole(id, value) },
          { connectionId, change: more },
          { connectionId, change: { id, ended: true } },
        ])
      }
      expect(draftsOf(sender)).toEqual([])
      sender.destroy()
    }
  })

  test('DRAFT-4: is not stored: who joins receives what is sent from then on', async ({
    whiteboard,
    alan,
    storedUpdates,
  }) => {
    const [sender, witness] = [await whiteboard(), await whiteboard(1)]
    draft(sender, whole('stroke', { points: [1] }))
    await sees(witness, 'stroke')
    const joined = [await whiteboard(0, alan), await whiteboard(1, alan)]
    draft(sender, whole('stroke', { points: [1, 2] }, 2))
    for (const client of joined) {
      await sees(client, 'stroke')
      expect(draftsOf(client)).toMatchObject([{ change: { version: 2 } }])
    }
    expect(await storedUpdates()).toBe(0)
  })

  test('DRAFT-10: neither reaches nor disturbs a stock client', async ({
    syncedStock,
    raw,
    whiteboard,
    alan,
  }) => {
    const [stock, bare, sender] = [await syncedStock(1, alan), await raw(0), await whiteboard()]
    const [witness] = [await whiteboard(1)]
    const before = bare.frames.length
    for (let i = 1; i <= 20; i++) draft(sender, whole('stroke', i, i))
    sender.socket.send(awarenessFrame({ clientId: 7, clock: 1, state: '{"name":"Ada"}' }))
    stock.doc.getMap('shapes').set('circle', true)
    await sees(witness, 'stroke', (change) => 'value' in change && change.value === 20)
    await eventually('awareness arrives', () => stock.provider.awareness.getStates().has(7))
    await eventually('his edit arrives', () => bare.frames.length > before + 1)
    expect(stock.provider.wsconnected).toBe(true)
    expect(bare.closed).toBeUndefined()
  })
})

describe('who may not edit', () => {
  test.for(['viewer', 'commenter'] as const)(
    'DRAFT-3: has no drafts: a %s',
    async (role, { whiteboard, viewer, commenter }) => {
      const sender = await whiteboard(0, { viewer, commenter }[role])
      const others = [await whiteboard(), await whiteboard(1)]
      draft(sender, whole('stroke', 1))
      expect(await sender.heard('draft:rejected')).toEqual({
        type: 'draft:rejected',
        code: 'forbidden',
      })
      draft(others[0]!, whole('fence', 1))
      await sees(others[1]!, 'fence')
      await sees(sender, 'fence')
      expect(draftsOf(others[1]!).map(({ change }) => change.id)).toEqual(['fence'])
    },
  )

  test('DRAFT-3: has none any longer: they end with the role, the access and the connection', async ({
    whiteboard,
    alan,
    setRole,
  }) => {
    const others = [await whiteboard(), await whiteboard(1)]
    const ends = async (id: string, end: (sender: WhiteboardClient) => unknown) => {
      const sender = await whiteboard(0, alan)
      draft(sender, whole(id, 1), whole(`${id} too`, 1))
      for (const other of others) await sees(other, id)
      await end(sender)
      for (const other of others) {
        await seesEnd(other, id)
        await seesEnd(other, `${id} too`)
      }
      return sender
    }
    await ends('closed', (sender) => sender.destroy())
    const demoted = await ends('demoted', () => setRole(alan.user.id, 'viewer'))
    draft(demoted, whole('forged', 1))
    await demoted.heard('draft:rejected')
    await setRole(alan.user.id, 'editor')
    await demoted.heard('role:changed', ({ role }) => role === 'editor')
    draft(demoted, whole('allowed', 1))
    for (const other of others) await sees(other, 'allowed')
    await ends('removed', () => setRole(alan.user.id, undefined))
    expect(draftsOf(others[1]!).some(({ change }) => change.id === 'forged')).toBe(false)
  })
})

test('DRAFT-2 DRAFT-3: guests and programs have drafts as their role has them', async ({
  stack,
  as,
  boardId,
  ada,
  whiteboard,
}) => {
  const witness = await whiteboard(1)
  const { workspaceId } = (await as(ada, `/api/boards/${boardId}`)).body
  const come = {
    async guest(isEditor: boolean) {
      const role = isEditor ? 'editor' : 'viewer'
      return openAsGuest(stack, (await createLink(stack, boardId, ada, { role })).token, 'Grace')
    },
    async key(isEditor: boolean) {
      const body = { name: 'Robot', scopes: [isEditor ? 'boards:write' : 'boards:read'] }
      return {
        accessToken: (await as(ada, `/api/workspaces/${workspaceId}/keys`, { body })).body.key,
      }
    },
  }
  for (const [kind, comeAs] of Object.entries(come)) {
    const [editor, viewer] = [await comeAs(true), await comeAs(false)]
    const [drawing, watching] = [await whiteboard(0, editor), await whiteboard(0, viewer)]
    draft(watching, whole(`${kind} may not`, 1))
    expect(await watching.heard('draft:rejected')).toMatchObject({ code: 'forbidden' })
    draft(drawing, whole(kind, 1))
    await sees(witness, kind)
  }
  expect(draftsOf(witness)).toMatchObject([
    { user: { kind: 'guest', name: 'Grace' }, change: { id: 'guest' } },
    { user: { kind: 'key', name: 'Robot' }, change: { id: 'key' } },
  ])
})

test('DRAFT-7 LIM-1: more than the budget is rejected as announced, and no edit is lost with it', async ({
  whiteboard,
  alan,
}) => {
  const [sender, other] = [await whiteboard(), await whiteboard(1, alan)]
  const { limits } = await sender.heard('hello')
  expect(limits).toMatchObject({ maxDraftBytes: MAX_DRAFT_BYTES, draftsPerConnection: 16 })
  const { draftByteBurst = 0 } = limits
  const large = whole('stroke', 'x'.repeat(60_000))
  const count = Math.ceil(draftByteBurst / 60_000) + 3
  for (let i = 0; i < count; i++) {
    draft(sender, large)
    sender.socket.send(edit(`${i}`))
  }
  await sender.heard('sync:ack', ({ saved }) => saved === count)
  expect(ofType(sender, 'sync:rejected')).toEqual([])
  const rejected = ofType(sender, 'draft:rejected')
  expect(rejected.length).toBeGreaterThan(0)
  expect(rejected.length).toBeLessThan(count)
  expect(new Set(rejected.map(({ code }) => code))).toEqual(new Set(['rate_limited']))
  await sees(other, 'stroke')
  sender.say({ type: 'presence:update', cursor: { x: 9, y: 9 }, selection: [] })
  await other.heard('presence:sync', ({ presences }) =>
    presences.some(({ cursor }) => cursor?.x === 9),
  )
})

test('DRAFT-6: what is too large or malformed reaches nobody', async ({ whiteboard, alan }) => {
  // The bytes of the other are used up.
  const [sender, other] = [await whiteboard(0, alan), await whiteboard(1)]
  draft(sender, whole('large', 'x'.repeat(MAX_DRAFT_BYTES / 2)))
  draft(sender, whole('larger', 'x'.repeat(MAX_DRAFT_BYTES / 2)))
  expect(await sender.heard('draft:rejected')).toMatchObject({ code: 'too_large' })
  await sees(other, 'large')
  const sized = (bytes: number) => {
    const frame = (text: string) =>
      JSON.stringify({ type: 'draft:update', drafts: [whole('large', text)] })
    return frame('x'.repeat(bytes - frame('').length))
  }
  sender.socket.send(sized(MAX_DRAFT_BYTES))
  await sees(other, 'large', (change) => 'value' in change && `${change.value}`.length > 60_000)
  sender.socket.send(sized(MAX_DRAFT_BYTES + 1))
  await eventually('it is rejected', () => ofType(sender, 'draft:rejected').length === 2)
  expect(sender.closed).toBeUndefined()
  sender.socket.send('{"type":"draft:update","drafts":[{"id":"stroke"}]}')
  expect(await sender.closeCode()).toBe(4400)
  await seesEnd(other, 'large')
  expect(draftsOf(other).every(({ change }) => change.id === 'large')).toBe(true)
})
