import { createClient } from '@mindfuse/client'
import { Browser, callApi } from '@mindfuse/testing'
import { expect } from 'vitest'
import WebSocket from 'ws'
import { createLink } from '../support/guests.ts'
import { test as base } from '../support/sdk-fixtures.ts'

/** A client in a browser in which nobody is signed in. */
const test = base.extend('visitor', ({ stack, atEnd }) => () => {
  const browser = new Browser()
  const client = createClient({
    apiUrl: stack.apiUrl,
    realtimeUrl: stack.realtimeUrl,
    environment: {
      WebSocket: WebSocket as never,
      fetch: (url, init) => {
        const headers = new Headers(init?.headers)
        headers.set('sec-fetch-site', 'same-origin')
        return browser.fetch(`${url}`, { ...init, headers })
      },
    },
  })
  atEnd(() => client.close())
  return { client, browser }
})

test('a guest opens a board by its link, draws, and renews their token by cookie', async ({
  stack,
  boardId,
  ada,
  visitor,
  readStored,
}) => {
  const { id, token } = await createLink(stack, boardId, ada, { role: 'editor', password: 'x' })
  const { client, browser } = visitor()
  expect(await client.previewLink(token)).toMatchObject({ needsPassword: true, needsName: true })
  await expect(client.openLink(token)).rejects.toMatchObject({ code: 'password_required' })
  const { board, role, user } = await client.openLink(token, { name: 'Grace', password: 'x' })
  expect({ role, user }).toMatchObject({ role: 'editor', user: { kind: 'guest', name: 'Grace' } })
  expect([...browser.cookies.keys()]).toEqual(['mindfuse_guest'])
  await board.whenSynced()
  board.edit((doc) => doc.getMap('shapes').set('hers', 1))
  await board.whenSaved()
  expect(await readStored(boardId)).toEqual({ hers: 1 })
  expect((await client.api.account.me()).id).toBe(user.id)

  const denied = new Promise<string>((resolve) => {
    board.on('status', (state) => state.kind === 'denied' && resolve(state.reason))
  })
  await callApi(`${stack.apiUrl}/api/boards/${boardId}/links/${id}`, {
    token: ada.accessToken,
    method: 'DELETE',
  })
  expect(await denied).toBe('access_removed')
  await expect(client.openLink(token)).rejects.toMatchObject({ code: 'link_revoked' })
})
