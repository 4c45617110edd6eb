import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Stack, startStack } from '../support/stack.ts'

let stack: Stack
beforeAll(async () => {
  stack = await startStack()
})
afterAll(() => stack.stop())

test('apps/api/openapi.json is what the API says of itself; npm run openapi updates it', async () => {
  const response = await fetch(`${stack.apiUrl}/openapi.json`)
  const text = `${JSON.stringify(await response.json(), null, 2)}\n`
  await expect(text).toMatchFileSnapshot('../../apps/api/openapi.json')
})

test('the description can be read in a browser', async () => {
  const page = await fetch(`${stack.apiUrl}/docs/`)
  expect(page.status).toBe(200)
  expect(page.headers.get('content-type')).toContain('text/html')
})
