import type { Board } from '@mindfuse/client'
import {
  type BoardList,
  MindfuseProvider,
  useBoard,
  useBoardName,
  useBoards,
  useBroadcast,
  useCanEdit,
  useDocument,
  useEvents,
  useOthers,
  useRole,
  useSaved,
  useSelf,
} from '@mindfuse/react'
import { callApi } from '@mindfuse/testing'
import { useEffect } from 'react'
import { expect } from 'vitest'
import { test as base, type Shown, Uses } from './fixtures.ts'

/** Shows what a hook returns of Ada's board, and keeps each value that was rendered. */
const test = base.extend(
  'showHook',
  ({ show, client, boardId }) =>
    async <Value,>(use: (board: Board | undefined) => Value) => {
      const rendered: Value[] = []
      const hook = () => {
        const value = use(useBoard(boardId))
        rendered.push(value)
        return JSON.stringify(value)
      }
      const page: Shown = show(
        <MindfuseProvider client={client}>
          <Uses hook={hook} />
        </MindfuseProvider>,
      )
      await expect.poll(() => rendered.length).toBeGreaterThan(0)
      await client.board(boardId).whenSynced()
      return { page, rendered, last: () => rendered.at(-1) as Value, mine: client.board(boardId) }
    },
)

const cursor = { x: 1, y: 2 }

test('useOthers renders at changes of what is selected, and at no others', async ({
  showHook,
  his,
}) => {
  const { rendered, last } = await showHook((board) =>
    useOthers(board, (others) => others.map(({ user, selection }) => [user.name, selection])),
  )
  his.presence.update({ cursor, selection: ['circle'] })
  await expect.poll(last).toEqual([['Alan', ['circle']]])
  const renders = rendered.length
  for (let x = 0; x < 5; x++) {
    his.presence.update({ cursor: { x, y: 0 } })
    await expect.poll(() => his.presence.users.length).toBe(2)
  }
  his.presence.update({ selection: ['square'] })
  await expect.poll(last).toEqual([['Alan', ['square']]])
  expect(rendered.length).toBe(renders + 1)
})

test('useOthers returns all connections but one’s own, until they leave', async ({
  showHook,
  his,
}) => {
  const { last, mine } = await showHook((board) => useOthers(board))
  mine.presence.update({ cursor })
  his.presence.update({ cursor })
  await expect.poll(last).toMatchObject([{ cursor, user: { name: 'Alan' } }])
  await his.close()
  await expect.poll(last).toEqual([])
})

test('useSelf is what others see, the same for all components, and keeps what is left out', async ({
  showHook,
  his,
}) => {
  const { last } = await showHook((board) => {
    const [, update] = useSelf(board)
    const [self] = useSelf(board)
    return { self, update }
  })
  const viewport = { x: 0, y: 0, zoom: 2 }
  const { update } = last()
  update({ selection: ['circle'], viewport })
  update({ cursor })
  await expect.poll(() => last().self).toEqual({ cursor, selection: ['circle'], viewport })
  expect(last().update).toBe(update)
  await expect
    .poll(() => his.presence.others)
    .toMatchObject([{ cursor, selection: ['circle'], viewport }])
})

test('useDocument renders when what is selected changes, also after a reset', async ({
  showHook,
  his,
}) => {
  const { rendered, last, mine } = await showHook((board) =>
    useDocument(board, (doc) => doc.getMap('shapes').toJSON()),
  )
  his.edit((doc) => doc.getMap('shapes').set('circle', { radius: 5 }))
  await expect.poll(last).toEqual({ circle: { radius: 5 } })
  const renders = rendered.length
  his.edit((doc) => doc.getMap('notes').set('note', 1))
  await expect.poll(() => mine.doc.getMap('notes').get('note')).toBe(1)
  expect(rendered.length).toBe(renders)

  const before = mine.doc
  mine.discard()
  await expect.poll(() => mine.doc).not.toBe(before)
  his.edit((doc) => doc.getMap('shapes').set('square', 1))
  await expect.poll(last).toEqual({ circle: { radius: 5 }, square: 1 })
})

test('useSaved is false from an edit until it is stored', async ({ showHook }) => {
  const { rendered, last, mine } = await showHook(useSaved)
  await expect.poll(last).toBe(true)
  const start = rendered.length
  mine.edit((doc) => doc.getMap('shapes').set('circle', 1))
  await expect.poll(() => rendered.slice(start)).toEqual([false, true])
})

test('useRole and useCanEdit follow a role that changes', async ({
  showHook,
  connect,
  alan,
  as,
  ada,
  boardId,
}) => {
  const { last } = await showHook((board) => [useRole(board), useCanEdit(board)])
  await expect.poll(last).toEqual(['owner', true])
  const his = connect(alan)
  const { last: hisLast } = await showHook(() => {
    const board = useBoard(boardId, { client: his })
    return [useRole(board), useCanEdit(board)]
  })
  await expect.poll(hisLast).toEqual(['editor', true])
  const path = `/api/boards/${boardId}/members/${alan.user.id}`
  expect((await as(ada, path, { method: 'PUT', body: { role: 'viewer' } })).status).toBeLessThan(
    300,
  )
  await expect.poll(hisLast).toEqual(['viewer', false])
})

test('useBoardName follows a board that is renamed', async ({ showHook, as, ada, boardId }) => {
  const { last, mine } = await showHook(useBoardName)
  const path = `/api/boards/${boardId}`
  const { body } = await as(ada, path)
  await expect.poll(last).toBe((body as { name: string }).name)
  await as(ada, path, { method: 'PATCH', body: { name: 'Ideas 💡' } })
  await expect.poll(last).toBe('Ideas 💡')
  expect(mine.name).toBe('Ideas 💡')
})

test('useBroadcast sends, and receives with its latest listener', async ({ showHook, his }) => {
  const received: unknown[] = []
  const { page, last, mine } = await showHook((board) => {
    const count = useDocument(board, (doc) => doc.getMap('shapes').size)
    return useBroadcast(board, 'reaction', ({ payload, user }) => {
      received.push([payload, user.name, count])
    })
  })
  expect(page.text()).toBe('')
  const send = last()
  mine.edit((doc) => doc.getMap('shapes').set('circle', 1))
  await his.broadcast('reaction', '🎉', { ack: true })
  await expect.poll(() => received).toEqual([['🎉', 'Alan', 1]])
  expect(last()).toBe(send)

  const arrived: unknown[] = []
  his.on('broadcast:reaction', ({ payload }) => arrived.push(payload))
  expect(send('👍')).toBe(true)
  await expect.poll(() => arrived).toEqual(['👍'])
})

test('useBoards lists boards as they change, by one stream, which useEvents gives', async ({
  show,
  connect,
  person,
  stack,
}) => {
  const grace = await person('grace')
  let streams = 0
  const client = connect(grace, {
    environment: {
      fetch: (url, init) => {
        if (String(url).includes('/api/events')) streams++
        return grace.browser.fetch(String(url), init)
      },
    },
  })
  let list: BoardList = { boards: undefined, status: { kind: 'closed' } }
  const hook = () => {
    list = useBoards()
    return list.boards?.map(({ name }) => name)
  }
  const changed: string[] = []
  const listen = () => {
    const events = useEvents()
    useEffect(() => events?.on('workspaces:update', ({ type }) => changed.push(type)), [events])
    return ''
  }
  const page = show(
    <MindfuseProvider client={client}>
      <Uses hook={hook} />
      <Uses hook={hook} />
      <Uses hook={listen} />
    </MindfuseProvider>,
  )
  await expect.poll(() => list.boards).toEqual([])
  expect(list.status.kind).toBe('online')
  const { items } = await client.api.workspaces.list()
  const workspaceId = items[0]?.id ?? ''
  const sketch = await client.api.boards.create(workspaceId, { name: 'Sketch' })
  await expect.poll(page.text).toBe('SketchSketch')
  const body = { name: 'Plan' }
  const path = `${stack.apiUrl}/api/boards/${sketch.id}`
  await callApi(path, { token: grace.accessToken, method: 'PATCH', body })
  await expect.poll(page.text).toBe('PlanPlan')
  await client.api.workspaces.create({ name: 'Team' })
  await expect.poll(() => changed).toEqual(['add'])
  expect(streams).toBe(1)
})
