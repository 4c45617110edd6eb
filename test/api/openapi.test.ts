import { expect } from 'vitest'
import { test } from '../support/fixtures.ts'

test('apps/api/openapi.json is what the API says of itself; npm run openapi updates it', async ({
  stack,
}) => {
  const response = await fetch(`${stack.apiUrl}/openapi.json`)
  const text = `${JSON.stringify(await response.json(), null, 2)}\n`
  await expect(text).toMatchFileSnapshot('../../apps/api/openapi.json')
})

test('the description can be read in a browser', async ({ stack }) => {
  const page = await fetch(`${stack.apiUrl}/docs/`)
  expect(page.status).toBe(200)
  expect(page.headers.get('content-type')).toContain('text/html')
})
