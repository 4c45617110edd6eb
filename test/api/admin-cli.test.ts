import { createBoard } from '@mindfuse/testing'
import { expect } from 'vitest'
import { test as base } from '../support/fixtures.ts'
import { startProcess } from '../support/process.ts'

const test = base
  /** Runs the command line on the stack's database, and returns its exit code and what it printed. */
  .extend('admin', { scope: 'file' }, ({ stack }) => async (...args: string[]) => {
    const environment = { DATABASE_URL: stack.database.url, LOG_LEVEL: 'warn' }
    const process = startProcess('apps/api/dist/admin.js', environment, { args })
    return { code: await process.exitCode(), text: process.output() }
  })

test('people are found, disabled and enabled without a browser, audited as done by the command line', async ({
  admin,
  as,
  administrator,
  person,
  stack,
}) => {
  const ada = await person('ada')
  const found = await admin('people', 'ADA@')
  expect(found).toMatchObject({ code: 0 })
  expect(JSON.parse(found.text)).toMatchObject({ id: ada.user.id, disabledAt: null })

  expect(await admin('disable', ada.user.id, '--reason', 'spam')).toEqual({ code: 0, text: '' })
  // The API learns of it by the outbox.
  await expect.poll(async () => (await as(ada, '/api/auth/me')).status).toBe(401)
  await expect(person('ada')).rejects.toThrow('403')
  const { body } = await as(administrator, '/api/admin/audit?limit=1')
  expect(body.items).toMatchObject([
    { actor: 'cli', action: 'person.disable', targetId: ada.user.id, reason: 'spam' },
  ])
  expect(await admin('enable', ada.user.id)).toMatchObject({ code: 0 })
  const again = await person('ada')
  const boardId = await createBoard(stack.apiUrl, again.accessToken)
  const board = await admin('board', boardId)
  expect(JSON.parse(board.text)).toMatchObject({ id: boardId, connections: null })
  expect(await admin('quarantine')).toEqual({ code: 0, text: '' })
  const requeued = await admin('requeue', boardId)
  expect(JSON.parse(requeued.text)).toEqual({ requeued: 0, left: 0 })
})

test('what is refused or wrong exits with 1 and says why', async ({ admin }) => {
  const nobody = crypto.randomUUID()
  expect(await admin('erase', nobody)).toEqual({
    code: 1,
    text: expect.stringContaining('person_not_found'),
  })
  expect(await admin('disable')).toMatchObject({ code: 1 })
  expect(await admin('disable', 'ada')).toMatchObject({ code: 1 })
  const unknown = await admin('delete-everything')
  expect(unknown).toMatchObject({ code: 1, text: expect.stringContaining('Usage:') })
  expect(await admin('--unknown')).toMatchObject({ code: 1 })
  expect(await admin()).toMatchObject({ code: 0, text: expect.stringMatching(/^Usage:/) })
})
