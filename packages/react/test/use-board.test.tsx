import { MindfuseProvider, useBoard, useStatus } from '@mindfuse/react'
import { StrictMode } from 'react'
import { expect } from 'vitest'
import { createCountingWebSocket } from '../../../test/support/sdk.ts'
import { test as base, Uses } from './fixtures.ts'

const test = base
  .extend('sockets', ({ task: _ }) => createCountingWebSocket())
  .extend('client', ({ connect, ada, sockets }) =>
    connect(ada, { environment: { WebSocket: sockets.WebSocket } }),
  )

function Status({ boardId }: { boardId: string }) {
  return <p>{useStatus(useBoard(boardId)).kind}</p>
}

test('in StrictMode any number of components of a board have one connection', async ({
  show,
  client,
  boardId,
  sockets,
  hers,
}) => {
  const page = show(
    <StrictMode>
      <MindfuseProvider client={client}>
        <Status boardId={boardId} />
        <Status boardId={boardId} />
        <Status boardId={boardId} />
      </MindfuseProvider>
    </StrictMode>,
  )
  await expect.poll(page.text).toBe('onlineonlineonline')
  expect(sockets.counted.attempts).toBe(1)
  await client.board(boardId).whenSynced()
  client.board(boardId).presence.update({ cursor: { x: 1, y: 2 } })
  await expect.poll(() => hers.presence.others).toHaveLength(1)
})

test('a component that returns soon has the connection of the one before, and later a new one', async ({
  show,
  client,
  boardId,
  sockets,
}) => {
  const page = (isShown: boolean) => (
    <MindfuseProvider client={client}>{isShown && <Status boardId={boardId} />}</MindfuseProvider>
  )
  const shown = show(page(true))
  await expect.poll(shown.text).toBe('online')
  const board = client.board(boardId)
  shown.rerender(page(false))
  await expect.poll(shown.text).toBe('')
  shown.rerender(page(true))
  await expect.poll(shown.text).toBe('online')
  expect(sockets.counted.attempts).toBe(1)

  shown.rerender(page(false))
  await expect.poll(() => board.status.kind).toBe('closed')
  shown.rerender(page(true))
  await expect.poll(shown.text).toBe('online')
  expect(client.board(boardId)).not.toBe(board)
  expect(sockets.counted.attempts).toBe(2)
})

test('another board takes the place of the first, which is closed', async ({
  show,
  client,
  newBoard,
  sockets,
}) => {
  const [first, second] = [await newBoard(), await newBoard()]
  const page = (boardId: string) => (
    <MindfuseProvider client={client}>
      <Status boardId={boardId} />
    </MindfuseProvider>
  )
  const shown = show(page(first))
  await expect.poll(shown.text).toBe('online')
  const board = client.board(first)
  shown.rerender(page(second))
  await expect.poll(() => board.status.kind).toBe('closed')
  await expect.poll(shown.text).toBe('online')
  expect(sockets.counted.attempts).toBe(2)
})

test('one board needs no provider, only a client', async ({ show, client, boardId }) => {
  const hook = () => useStatus(useBoard(boardId, { client })).kind
  await expect.poll(show(<Uses hook={hook} />).text).toBe('online')
})

test('a provider with options creates one client, and closes it after it is unmounted', async ({
  show,
  stack,
  ada,
  boardId,
  sockets,
}) => {
  const options = {
    apiUrl: stack.apiUrl,
    realtimeUrl: stack.realtimeUrl,
    getToken: async () => ({ accessToken: ada.accessToken, expiresAt: '2100-01-01T00:00:00Z' }),
    environment: { WebSocket: sockets.WebSocket },
  }
  let opened: ReturnType<typeof useBoard>
  const hook = () => {
    opened = useBoard(boardId)
    return useStatus(opened).kind
  }
  const page = show(
    <StrictMode>
      <MindfuseProvider options={options}>
        <Uses hook={hook} />
      </MindfuseProvider>
    </StrictMode>,
  )
  await expect.poll(page.text).toBe('online')
  expect(sockets.counted.attempts).toBe(1)
  page.unmount()
  await expect.poll(() => opened?.status.kind).toBe('closed')
})

test('a board that is not the user’s is denied, with the reason', async ({
  show,
  connect,
  viewer,
  boardId,
}) => {
  const strangers = connect(viewer)
  const hook = () => {
    const status = useStatus(useBoard(boardId, { client: strangers }))
    return status.kind === 'denied' ? status.reason : status.kind
  }
  await expect.poll(show(<Uses hook={hook} />).text).toBe('board_not_found')
})
