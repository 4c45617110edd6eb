import {
  MindfuseProvider,
  useBoard,
  useBoardName,
  useBoards,
  useBroadcast,
  useCanEdit,
  useClient,
  useDocument,
  useOthers,
  useRole,
  useSaved,
  useSelf,
  useStatus,
} from '@mindfuse/react'
import { type ReactNode, version } from 'react'
import { hydrateRoot } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { expect, inject } from 'vitest'
import { test } from './fixtures.ts'

/** Addresses of nobody: whatever is created or connected on the server would fail. */
const NOWHERE = { apiUrl: 'no address', realtimeUrl: 'no address' }

function Everything({ boardId }: { boardId: string }): ReactNode {
  const board = useBoard(boardId)
  const send = useBroadcast(board, 'reaction')
  const [self] = useSelf(board)
  return JSON.stringify({
    hasClient: useClient() !== undefined,
    status: useStatus(board).kind,
    saved: useSaved(board),
    role: useRole(board),
    name: useBoardName(board),
    canEdit: useCanEdit(board),
    shapes: useDocument(board, (doc) => doc.getMap('shapes').size),
    others: useOthers(board, (others) => others.map(({ user }) => user.id)),
    cursor: self.cursor,
    isSent: send('🎉'),
    boards: useBoards().boards,
  })
}

test('these tests run with the React that their project names', () => {
  expect(version).toMatch(new RegExp(`^${inject('reactRelease')}\\.`))
})

test('a server renders what nothing is known of, and connects nothing', () => {
  const html = renderToString(
    <MindfuseProvider options={NOWHERE}>
      <Everything boardId="board" />
    </MindfuseProvider>,
  )
  expect(JSON.parse(html.replaceAll('&quot;', '"'))).toEqual({
    hasClient: false,
    status: 'connecting',
    saved: false,
    canEdit: false,
    others: [],
    cursor: null,
    isSent: false,
  })
})

test('what a server rendered is hydrated without a difference, and goes online', async ({
  client,
  boardId,
  onTestFinished,
}) => {
  const page = (
    <MindfuseProvider client={client}>
      <Everything boardId={boardId} />
    </MindfuseProvider>
  )
  const element = document.body.appendChild(document.createElement('main'))
  element.innerHTML = renderToString(page)
  const errors: unknown[] = []
  const root = hydrateRoot(element, page, { onRecoverableError: (error) => errors.push(error) })
  onTestFinished(() => root.unmount())
  await expect.poll(() => element.textContent).toContain('"status":"online"')
  expect(errors).toEqual([])
})

test('without a provider and a client, the hooks say what is missing', () => {
  expect(() => renderToString(<Everything boardId="board" />)).toThrow(
    'Give a client, or render a MindfuseProvider above',
  )
})
