import { callApi } from '@mindfuse/testing'
import { expect } from 'vitest'
import { createVersionService } from '../../apps/api/src/versions/service.ts'
import { test } from '../support/fixtures.ts'

test('a version that is deleted once its download has begun is not found', async ({
  stack,
  ada,
  boardId,
  documentServices,
}) => {
  const path = `${stack.apiUrl}/api/boards/${boardId}/versions`
  const by = { token: ada.accessToken }
  const { body: version } = await callApi(path, { ...by, method: 'POST', body: { name: 'V' } })
  // A download needs nothing but the database.
  const { db } = documentServices
  type Deps = Parameters<typeof createVersionService>[0]
  const versions = createVersionService({ db, documents: {}, quotas: {} } as unknown as Deps)
  const download = () => versions.download(ada.user.id, boardId, version.id)
  const begun = await download()
  expect(begun.bytes).toBeGreaterThan(0)
  const removed = await callApi(`${path}/${version.id}`, { ...by, method: 'DELETE' })
  expect(removed.status).toBe(204)
  const notFound = { status: 404, code: 'version_not_found' }
  await expect(begun.chunks()[Symbol.asyncIterator]().next()).rejects.toMatchObject(notFound)
  await expect(download()).rejects.toMatchObject(notFound)
})
