import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { writeRouteTypes } from '../../test/route-types.ts'

const DESCRIPTION = new URL('../../../../apps/api/openapi.json', import.meta.url)

test('routes.ts is what apps/api/openapi.json says; npm run openapi updates it', async () => {
  const types = writeRouteTypes(JSON.parse(readFileSync(DESCRIPTION, 'utf8')))
  await expect(types).toMatchFileSnapshot('./routes.ts')
})
