import { callApi } from '@mindfuse/testing'
import fc from 'fast-check'
import { expect } from 'vitest'
import * as Y from 'yjs'
import { UNNAMED_DAYS } from '../../apps/api/src/retention/unnamed-assets.ts'
import { test as base } from '../support/asset-fixtures.ts'
import { openAssetKeeper } from '../support/asset-keeper.ts'
import { newPicture, type TestFile, upload } from '../support/files.ts'

/** `ASSET_RUNS=100 npx vitest run test/api/assets-properties.test.ts` looks harder. */
const RUNS = Number(process.env.ASSET_RUNS ?? 1)
const STEPS_PER_RUN = 40
const MAX_BOARDS = 4
const FILES = 3
const KEYS = ['a', 'b']

/** What is done; what to is picked by number. */
interface Command {
  kind: Kind
  board: number
  file: number
  key: string
}

const KINDS = {
  upload: 6,
  draw: 8,
  erase: 8,
  undo: 3,
  createVersion: 2,
  restoreVersion: 2,
  deleteVersion: 1,
  duplicate: 2,
  duplicateElsewhere: 1,
  importAll: 1,
  trash: 1,
  untrash: 2,
  deletePermanently: 1,
  compact: 2,
  scan: 2,
  review: 3,
  sweep: 1,
} as const
type Kind = keyof typeof KINDS

const command: fc.Arbitrary<Command> = fc.record({
  kind: fc.oneof(
    ...Object.entries(KINDS).map(([kind, weight]) => ({
      weight,
      arbitrary: fc.constant(kind as Kind),
    })),
  ),
  board: fc.nat({ max: MAX_BOARDS - 1 }),
  file: fc.nat({ max: FILES - 1 }),
  key: fc.constantFrom(...KEYS),
})

const SCAN: Command = { kind: 'scan', board: 0, file: 0, key: 'a' }

/** Commands that run at the same time, or days that pass, after which boards are looked through. */
const step = fc.oneof(
  { weight: 2, arbitrary: fc.array(command, { minLength: 1, maxLength: 4 }) },
  { weight: 1, arbitrary: fc.constantFrom(2, 16, 31) },
)

/** Someone's copy of a document, and what they can undo. */
interface Pen {
  doc: Y.Doc
  undo: Y.UndoManager
}

const test = base
  .extend('stackOptions', { scope: 'file' }, { apis: 2, gateways: 0 })
  /** Retention of a second instance. */
  .extend('other', async ({ stack }, { onCleanup }) => {
    const other = await openAssetKeeper(stack)
    onCleanup(() => other.close())
    return other
  })
  .extend('newPen', () => (): Pen => {
    const doc = new Y.Doc()
    return { doc, undo: new Y.UndoManager(doc.getMap('pictures'), { captureTimeout: 0 }) }
  })
  /** The digests that a stored update names, alone or with others. */
  .extend('namedIn', () => (...updates: Uint8Array[]): Set<string> => {
    const doc = new Y.Doc()
    for (const update of updates) Y.applyUpdate(doc, update)
    return new Set(doc.getMap<string>('pictures').values())
  })
  /** What each board has, and what its document and its versions name. */
  .extend('readBoards', ({ stack: { database }, namedIn }) => async () => {
    const boards = await database.query(
      `SELECT b.id, deleted_at IS NOT NULL AS "isTrashed", snapshot,
         ARRAY(SELECT update FROM board_updates WHERE board_id = b.id ORDER BY seq) AS updates,
         ARRAY(SELECT state FROM board_versions WHERE board_id = b.id) AS versions,
         ARRAY(SELECT encode(digest, 'hex') FROM board_assets WHERE board_id = b.id) AS digests
       FROM boards b JOIN board_documents d ON d.board_id = b.id ORDER BY created_at`,
    )
    return boards.map(({ id, isTrashed, snapshot, updates, versions, digests }) => ({
      id: id as string,
      isTrashed: isTrashed as boolean,
      has: new Set<string>(digests),
      names: new Set([
        ...namedIn(...(snapshot ? [snapshot] : []), ...updates),
        ...versions.flatMap((state: Buffer) => [...namedIn(state)]),
      ]),
    }))
  })

test('no file is gone that was named within 30 days, and in the end nothing is left over', {
  timeout: 90_000 * (RUNS + 1),
}, async ({ stack, ada, as, documents, documentServices, keeper, other, newPen, readBoards }) => {
  let lost = 0

  const run = async (steps: (Command[] | number)[]) => {
    const workspaceId = async () =>
      (await as(ada, '/api/workspaces', { body: { name: 'Team' } })).body.id as string
    const [here, elsewhere] = [await workspaceId(), await workspaceId()]
    const files = Array.from({ length: FILES }, () => newPicture())
    const pens = new Map<string, Pen>()
    const boardIds: string[] = []
    for (let i = 0; i < 2; i++) {
      const path = `/api/workspaces/${here}/boards`
      boardIds.push((await as(ada, path, { body: { name: 'Board' } })).body.id)
    }
    /** Of a file on a board the day on which it was last named or put there. */
    const lastSeen = new Map<string, number>()
    const before = new Map<string, Set<string>>()
    let today = 0

    const call = async (api: number, method: string, path: string, body?: unknown) => {
      const url = `${stack.apiUrls[api % 2]}/api/boards/${path}`
      const answer = await callApi(url, { token: ada.accessToken, method, body })
      expect(answer.status, `${method} ${path} ${JSON.stringify(answer.body)}`).toBeLessThan(500)
      return answer
    }

    const edit = async (boardId: string, change: (pen: Pen) => void) => {
      const pen = pens.get(boardId) ?? newPen()
      pens.set(boardId, pen)
      const known = await documents.stored(boardId).catch(() => undefined)
      if (!known) return
      const { snapshot, updates } = known
      for (const update of snapshot ? [snapshot, ...updates] : updates) {
        Y.applyUpdate(pen.doc, update)
      }
      const vector = Y.encodeStateVector(pen.doc)
      change(pen)
      const update = Y.encodeStateAsUpdate(pen.doc, vector)
      // It may have gone into the trash meanwhile.
      await documents.append(boardId, ada.user.id, update).catch(() => undefined)
    }

    const versionOf = async (boardId: string, pick: number) => {
      const { items = [] } = (await call(pick, 'GET', `${boardId}/versions`)).body
      return items[pick % Math.max(1, items.length)]?.id ?? crypto.randomUUID()
    }

    const DO: Record<Kind, (on: Command & { boardId: string; picture: TestFile }) => unknown> = {
      async upload({ boardId, picture, file }) {
        const api = { apiUrl: stack.apiUrls[file % 2] ?? '' }
        const { status } = await upload(api, ada, boardId, picture)
        expect([200, 201, 404]).toContain(status)
        if (status !== 404) lastSeen.set(`${boardId} ${picture.digest}`, today)
      },
      draw: ({ boardId, picture, key }) =>
        edit(boardId, ({ doc }) => doc.getMap('pictures').set(key, picture.digest)),
      erase: ({ boardId, key }) => edit(boardId, ({ doc }) => doc.getMap('pictures').delete(key)),
      undo: ({ boardId }) => edit(boardId, ({ undo }) => undo.undo()),
      createVersion: ({ boardId, file }) =>
        call(file, 'POST', `${boardId}/versions`, { name: 'Kept' }),
      async restoreVersion({ boardId, file }) {
        await call(file, 'POST', `${boardId}/versions/${await versionOf(boardId, file)}/restore`)
      },
      async deleteVersion({ boardId, file }) {
        await call(file, 'DELETE', `${boardId}/versions/${await versionOf(boardId, file)}`)
      },
      async duplicate({ boardId, file }) {
        const { status, body } = await call(file, 'POST', `${boardId}/duplicate`, {})
        if (status === 201) boardIds.push(body.id)
      },
      async duplicateElsewhere({ boardId, file }) {
        const body = { workspaceId: elsewhere }
        const answer = await call(file, 'POST', `${boardId}/duplicate`, body)
        if (answer.status === 201) boardIds.push(answer.body.id)
      },
      async importAll({ boardId }) {
        const doc = new Y.Doc()
        doc.getMap('pictures').set('import', files.map(({ digest }) => digest).join(' '))
        const response = await fetch(`${stack.apiUrl}/api/boards/${boardId}/import`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${ada.accessToken}`,
            'content-type': 'application/octet-stream',
          },
          body: Y.encodeStateAsUpdate(doc),
        })
        expect(response.status).toBeLessThan(500)
      },
      trash: ({ boardId, file }) => call(file, 'DELETE', boardId),
      untrash: ({ boardId, file }) => call(file, 'POST', `${boardId}/restore`),
      async deletePermanently({ boardId, file }) {
        await call(file, 'DELETE', boardId)
        await call(file, 'DELETE', `${boardId}/permanently`)
      },
      compact: ({ boardId }) => documentServices.compactor.compact(boardId).catch(() => undefined),
      async scan() {
        const removed = await Promise.all([keeper.scan(), other.scan()])
        lost += removed[0] + removed[1]
      },
      review: () => Promise.all([keeper.review(), other.review()]),
      sweep: () => keeper.sweep(),
    }

    const check = async () => {
      for (const { id, has, names } of await readBoards()) {
        for (const digest of before.get(id) ?? []) {
          const age = today - (lastSeen.get(`${id} ${digest}`) ?? today)
          if (!has.has(digest)) expect(age, `${digest} left ${id}`).toBeGreaterThan(UNNAMED_DAYS)
        }
        for (const digest of has) {
          const isNew = !before.get(id)?.has(digest)
          const isNamed = [...names].some((name) => name.includes(digest))
          if (isNew || isNamed) lastSeen.set(`${id} ${digest}`, today)
        }
        before.set(id, has)
      }
      expect(await keeper.bytes()).toEqual(expect.arrayContaining(await keeper.rows()))
    }

    for (const step of steps) {
      if (typeof step === 'number') {
        await keeper.pass(step)
        today += step
      }
      const commands = typeof step === 'number' ? [SCAN] : step
      await Promise.all(
        commands.map((command) => {
          const boardId = boardIds[command.board % Math.min(boardIds.length, MAX_BOARDS)] as string
          return DO[command.kind]({
            ...command,
            boardId,
            picture: files[command.file] as TestFile,
          })
        }),
      )
      await check()
    }
    await keeper.pass(2)
    await keeper.scan()
    await keeper.review()
    await keeper.sweep()
    await check()
    expect(await keeper.rows()).toEqual(await keeper.bytes())
    const unused = `SELECT id FROM assets a
      WHERE NOT EXISTS (SELECT FROM board_assets WHERE asset_id = a.id)`
    expect(await stack.database.query(unused)).toEqual([])
  }

  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: STEPS_PER_RUN, maxLength: STEPS_PER_RUN }),
      async (steps) => {
        await keeper.clear()
        await run(steps)
      },
    ),
    { numRuns: RUNS, endOnFailure: true },
  )
  expect(lost).toBeGreaterThan(0)
})
