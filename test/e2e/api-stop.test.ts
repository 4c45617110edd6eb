import { readFileSync } from 'node:fs'
import { resolvePort } from '@mindfuse/service-kit'
import { eventually, scatteredClients } from '@mindfuse/testing'
import { expect } from 'vitest'
import { documentCalls, recordedDoc } from '../support/documents.ts'
import { test as base, INTERNAL_SECRET } from '../support/process-fixtures.ts'

const HOST = '127.0.0.1'
const USER = '00000000-0000-4000-8000-000000000001'

/** How often an API is stopped or killed; `STOPS=100 npx vitest run test/e2e/api-stop.test.ts`. */
const STOPS = Number(process.env.STOPS ?? 2)

/** Long before the process would end by force. */
const STOPPED_WITHIN_MS = 15_000

/** How long a process may take to notice that its parent is gone, milliseconds; the machine may be busy. */
const ORPHANED_MS = 3_000

/** A process of Linux: its children, and what it has used of a processor, ticks; undefined once it has ended. */
function inspectProcess(pid: number): { children: number[]; ticks: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (state === 'Z') return undefined
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1')
    return {
      children: children.split(' ').filter(Boolean).map(Number),
      ticks: Number(fields[10]),
    }
  } catch {
    return undefined
  }
}

const test = base
  .extend('runApi', ({ startApi }) => async () => {
    const service = startApi({ OIDC_ISSUER: `http://${HOST}:${await resolvePort(0, HOST)}` })
    const [, apiUrl = ''] = await service.untilPrinted(/"publicUrl":"([^"]+)","msg":"api ready"/)
    return { service, calls: documentCalls({ apiUrl, internalSecret: INTERNAL_SECRET }) }
  })
  .extend('newBoard', ({ database }) => async (): Promise<string> => {
    const [row] = await database.query(
      `WITH workspace AS (
       INSERT INTO workspaces (name, type) VALUES ('Team', 'team') RETURNING id
     ), board AS (
       INSERT INTO boards (workspace_id, name) SELECT id, 'Board' FROM workspace RETURNING id
     )
     SELECT id FROM board`,
    )
    await database.query('INSERT INTO board_documents (board_id) VALUES ($1)', [row.id])
    return row.id
  })
test('an API that is stopped or killed while it merges goes at once and loses nothing', async ({
  runApi,
  newBoard,
  database,
}) => {
  const { doc, updates } = recordedDoc()
  for (let i = 0; i < 2_000; i++) doc.getText('text').insert(i, `${i % 10}`)
  const boards: string[] = []
  for (let i = 0; i < STOPS; i++) {
    const { service, calls } = await runApi()
    for (let n = 0; n < 3; n++) {
      const boardId = await newBoard()
      boards.push(boardId)
      await eventually('the updates are stored', () =>
        // A process that has just started may count as overloaded.
        calls.append(boardId, USER, ...updates).catch(() => undefined),
      )
    }
    // Opening it waits for the merge, and the stop for what is being answered.
    const opening = calls.open(boards.at(-1)!).catch(() => undefined)
    // From before the first merge begins until after the last is done.
    await new Promise((resolve) => setTimeout(resolve, i * (400 / STOPS)))
    if (i % 2) {
      expect(await service.stop('SIGKILL')).toBeNull()
    } else {
      const begunAt = Date.now()
      const code = await service.stop('SIGTERM')
      expect(code, service.output().slice(-3000)).toBe(0)
      expect(Date.now() - begunAt).toBeLessThan(STOPPED_WITHIN_MS)
    }
    await opening
  }

  const { calls } = await runApi()
  for (const boardId of boards) {
    const opened = await calls.open(boardId)
    expect(opened.getText('text').toString()).toBe(doc.getText('text').toString())
  }
  // Nobody waits for the leases of those that died.
  await database.query('UPDATE compaction_queue SET due_at = now()')
  await eventually('all are merged', async () => {
    const [row] = await database.query('SELECT count(*)::int AS rows FROM board_updates')
    return row.rows === 0
  })
}, 600_000)

test('an API that is killed while it builds a document leaves no process behind', async ({
  runApi,
  newBoard,
}) => {
  const { service, calls } = await runApi()
  const boardId = await newBoard()
  // Keeps a worker busy for many seconds; enough small ones that it is merged.
  const { doc, updates } = recordedDoc()
  for (let i = 0; i < 500; i++) doc.getText('text').insert(i, `${i % 10}`)
  await eventually('the updates are stored', () =>
    calls.append(boardId, USER, scatteredClients(6_000), ...updates).catch(() => undefined),
  )
  const worker = await eventually('a worker is at work', () => {
    const workers = inspectProcess(service.child.pid!)?.children ?? []
    return workers.find((pid) => inspectProcess(pid)!.ticks > 100)
  })
  await service.stop('SIGKILL')
  await eventually('the worker ends', () => inspectProcess(worker) === undefined, ORPHANED_MS)
})
