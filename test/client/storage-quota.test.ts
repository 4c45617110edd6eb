import { callApi, createBoard } from '@mindfuse/testing'
import { expect } from 'vitest'
import { testWith } from '../support/sdk-fixtures.ts'

const QUOTA_BYTES = 128 * 1024

/** How long it may take until an edit is saved after storage was freed, milliseconds. */
const SAVED_WITHIN_MS = 60_000

const test = testWith({ quotaLimits: { storageBytesPerWorkspace: QUOTA_BYTES } })

test('STORE-15: an edit beyond the storage of the workspace stays unsaved, and is saved once there is room', async ({
  stack,
  ada,
  connect,
}) => {
  const create = () => createBoard(stack.apiUrl, ada.accessToken)
  const [fullId, boardId] = [await create(), await create()]
  const [full, board] = [fullId, boardId].map((id) => connect(ada).board(id))
  if (!full || !board) throw new Error('not opened')
  await Promise.all([full.whenSynced(), board.whenSynced()])
  full.doc.getText('text').insert(0, 'x'.repeat(QUOTA_BYTES))
  await full.whenSaved()

  const rejections: string[] = []
  full.on('rejected', (code) => rejections.push(code))
  full.doc.getText('text').insert(0, 'more')
  await expect.poll(() => rejections).toContain('quota_exceeded')
  expect(full.saved).toBe(false)

  board.doc.getText('text').insert(0, 'here')
  const remove = async (path: string) => {
    const { accessToken: token } = ada
    const { status } = await callApi(`${stack.apiUrl}${path}`, { token, method: 'DELETE' })
    expect(status).toBe(204)
  }
  await remove(`/api/boards/${fullId}`)
  await remove(`/api/boards/${fullId}/permanently`)
  await board.whenSaved({ signal: AbortSignal.timeout(SAVED_WITHIN_MS) })
})
