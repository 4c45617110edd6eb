import { expect, test } from 'vitest'
import { readBases } from '../support/dockerfiles.ts'

test('all stages of all images start from one exact release of Node and Debian', async () => {
  const [api, realtime] = await Promise.all(
    ['Dockerfile.api', 'Dockerfile.realtime'].map(readBases),
  )
  expect(api!.node).toMatch(/^node:24\.\d+\.\d+-trixie-slim$/)
  expect(realtime!.node).toBe(api!.node)
  expect(new Set([...api!.stages, ...realtime!.stages])).toEqual(new Set([`\${NODE_IMAGE}`]))
})
