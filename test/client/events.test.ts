import type { Events, ListEvents } from '@mindfuse/client'
import { eventually, startTcpProxy } from '@mindfuse/testing'
import { expect } from 'vitest'
import { test } from '../support/sdk-fixtures.ts'

/** What a stream says under a name from now on. */
function heard<Name extends keyof ListEvents>(events: Events, name: Name): ListEvents[Name][] {
  const all: ListEvents[Name][] = []
  events.on(name, (...args) => void all.push(args))
  return all
}

const namesOf = (events: Events) => [...(events.boards?.values() ?? [])].map(({ name }) => name)

test('a list of boards is there and changes by itself', async ({ cast, connect }) => {
  const boardId = await cast.newBoard('Sketch')
  const events = connect(cast.workspaceMember).events({ workspaceId: cast.workspaceId })
  const updates = heard(events, 'boards:update')
  await eventually('the list is there', () => events.boards?.get(boardId)?.name === 'Sketch')
  expect(events.status).toEqual({ kind: 'online' })
  const before = events.boards
  await cast.call(cast.workspaceOwner, 'PATCH', `/api/boards/${boardId}`, { name: 'Plan' })
  await eventually('it has another name', () => namesOf(events).includes('Plan'))
  expect(events.boards).not.toBe(before)
  await cast.call(cast.workspaceOwner, 'DELETE', `/api/boards/${boardId}`)
  await eventually('it is gone', () => !events.boards?.has(boardId))
  expect(updates.map(([{ type }]) => type)).toEqual(['update', 'delete'])
})

test('members, workspaces and invites arrive as typed events', async ({ cast, connect }) => {
  const boardId = await cast.newBoard()
  const events = connect(cast.workspaceOwner).events()
  const members = heard(events, 'members:update')
  const workspaces = heard(events, 'workspaces:update')
  const invites = heard(events, 'invites:update')
  await eventually('it is online', () => events.status.kind === 'online' && events.boards)
  await cast.call(cast.workspaceOwner, 'POST', `/api/boards/${boardId}/invite`, { role: 'viewer' })
  await cast.call(cast.workspaceOwner, 'PATCH', `/api/workspaces/${cast.workspaceId}`, {
    name: 'Renamed',
  })
  const member = `/api/boards/${boardId}/members/${cast.viewer.user.id}`
  await cast.call(cast.workspaceOwner, 'DELETE', member)
  await eventually('all is told', () => members.length && workspaces.length && invites.length)
  expect(members[0]?.[0]).toMatchObject({ type: 'delete', data: { boardId } })
  expect(workspaces[0]?.[0]).toMatchObject({ type: 'update', data: { name: 'Renamed' } })
  expect(invites[0]?.[0]).toMatchObject({ type: 'add', data: { boardId, role: 'viewer' } })
})

test('after its line broke a stream comes back and goes on where it was', async ({
  cast,
  stack,
  atEnd,
  connect,
}) => {
  const boardId = await cast.newBoard('Before')
  const proxy = await startTcpProxy(stack.apiUrl)
  atEnd(() => proxy.stop())
  const events = connect(
    cast.workspaceMember,
    {},
    { ...stack, apiUrl: `http://127.0.0.1:${proxy.port}` },
  ).events()
  const resumed = heard(events, 'resumed')
  const states = heard(events, 'status')
  await eventually('the list is there', () => namesOf(events).includes('Before'))
  proxy.refuse()
  await eventually('it is offline', () => events.status.kind === 'offline')
  expect(events.boards?.get(boardId)?.name).toBe('Before')
  await cast.call(cast.workspaceOwner, 'PATCH', `/api/boards/${boardId}`, { name: 'After' })
  proxy.pass()
  await eventually('it has caught up', () => namesOf(events).includes('After'))
  expect(resumed.map(([{ complete }]) => complete)).toEqual([false, true])
  expect(resumed[1]?.[0].from).toMatch(/^\d+$/)
  expect(states.map(([{ kind }]) => kind)).toContain('offline')
  events.close()
  expect(events.status).toEqual({ kind: 'closed' })
})

test('an API that stops and starts again is come back to, and nothing is missed', async ({
  cast,
  connect,
  stack,
}) => {
  const boardId = await cast.newBoard('Here')
  const events = connect(cast.workspaceMember).events()
  await eventually('the list is there', () => events.boards?.has(boardId))
  await stack.stopApi()
  await eventually('it is offline', () => events.status.kind === 'offline')
  await stack.startApi()
  await cast.call(cast.workspaceOwner, 'PATCH', `/api/boards/${boardId}`, { name: 'Still here' })
  events.connect()
  await eventually('it has caught up', () => namesOf(events).includes('Still here'))
})

test('a workspace that is not theirs is denied, and so is everything after signing out', async ({
  connect,
  cast,
}) => {
  const client = connect(cast.stranger)
  const denied = client.events({ workspaceId: cast.workspaceId })
  await eventually('it is denied', () => denied.status.kind === 'denied')
  expect(denied.status).toMatchObject({ reason: 'workspace_not_found' })

  const events = client.events()
  await eventually('it is online', () => events.status.kind === 'online')
  await client.api.account.signOut()
  await eventually('it is denied', () => events.status.kind === 'denied')
  expect(events.status).toMatchObject({ reason: 'sign_in_required' })
})
