import { expect, test } from 'vitest'
import { createRequest } from './request.ts'

const answering = (type: string, body: string) =>
  createRequest(async () => new Response(body, { headers: { 'content-type': type } }))

test.each(['application/json; charset=utf-8', 'application/vnd.excalidraw+json'])(
  'an answer of %s is read',
  async (type) => {
    const request = answering(type, '{"items":[]}')
    expect(await request('GET /api/auth/sessions')).toEqual({ items: [] })
  },
)

test('an answer of lines of JSON is a file', async () => {
  const request = answering('application/x-ndjson', '{"kind":"account"}\n{"kind":"session"}\n')
  const file = (await request('GET /api/auth/me/export')) as Uint8Array
  expect(new TextDecoder().decode(file)).toBe('{"kind":"account"}\n{"kind":"session"}\n')
})
