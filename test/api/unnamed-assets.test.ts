import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import * as Y from 'yjs'
import { AssetStoreError } from '../../apps/api/src/assets/store/asset-store.ts'
import { openDirectoryStore } from '../../apps/api/src/assets/store/directory-store.ts'
import { lockBoard } from '../../apps/api/src/boards/repository.ts'
import { claimSweep, removeLeftOverAssets } from '../../apps/api/src/retention/left-over-assets.ts'
import { test as base } from '../support/asset-fixtures.ts'
import { newPicture } from '../support/files.ts'

const test = base.extend('versions', ({ as, ada }) => ({
  create: async (boardId: string): Promise<string> => {
    const path = `/api/boards/${boardId}/versions`
    return (await as(ada, path, { body: { name: 'Kept' } })).body.id
  },
  remove: (boardId: string, id: string) =>
    as(ada, `/api/boards/${boardId}/versions/${id}`, { method: 'DELETE' }),
}))

describe('a file that nothing on the board names', () => {
  test('leaves after 30 days, and its bytes with it', async ({ add, keeper, boardId, pen }) => {
    const { draw } = pen(boardId)
    const [named, gone] = [await add(boardId), await add(boardId)]
    await draw('a', named)
    await draw('b', gone)
    await keeper.pass(2)
    expect(await keeper.scan()).toBe(0)
    await draw('b', undefined)
    await keeper.pass(40)
    // Seen without it for the first time now.
    expect(await keeper.scan()).toBe(0)
    await keeper.pass(29)
    expect(await keeper.scan()).toBe(0)
    await keeper.pass(2)
    expect(await keeper.scan()).toBe(1)
    expect(await keeper.on(boardId)).toEqual([named])
    expect(await keeper.review()).toBe(1)
    expect(await keeper.bytes()).toEqual(await keeper.rows())
    expect(await keeper.rows()).toHaveLength(1)
  })

  test('stays where an undo names it again in time', async ({ add, keeper, boardId, pen }) => {
    const { doc, draw } = pen(boardId)
    const digest = await add(boardId)
    await draw('a', digest)
    await draw('a', undefined)
    await keeper.pass(2)
    await keeper.scan()
    await keeper.pass(28)
    await draw('a', digest.toUpperCase())
    await keeper.pass(2)
    expect(await keeper.scan()).toBe(0)
    await keeper.pass(100)
    expect(await keeper.scan()).toBe(0)
    expect(await keeper.on(boardId)).toEqual([digest])
    expect(doc.getMap('pictures').size).toBe(1)
  })

  test('that was uploaded and never named leaves, too', async ({ add, keeper, boardId }) => {
    await add(boardId)
    await keeper.pass(29)
    expect(await keeper.scan()).toBe(0)
    await keeper.pass(2)
    expect(await keeper.scan()).toBe(1)
  })

  test('stays as long as a version names it', async ({ add, keeper, boardId, pen, versions }) => {
    const { draw } = pen(boardId)
    const digest = await add(boardId)
    await draw('a', digest)
    const versionId = await versions.create(boardId)
    await draw('a', undefined)
    await keeper.pass(2)
    await keeper.scan()
    await keeper.pass(100)
    expect(await keeper.scan()).toBe(0)
    expect((await versions.remove(boardId, versionId)).status).toBe(204)
    await keeper.pass(2)
    expect(await keeper.scan()).toBe(0)
    await keeper.pass(31)
    expect(await keeper.scan()).toBe(1)
  })

  test('stays as long as a version of another release names it', async ({
    add,
    keeper,
    boardId,
    pen,
    stack,
    versions,
  }) => {
    const { draw } = pen(boardId)
    const named = await add(boardId)
    await add(boardId)
    await draw('a', named)
    await versions.create(boardId)
    await stack.database.query(
      'UPDATE board_versions SET asset_digests = NULL WHERE board_id = $1',
      [boardId],
    )
    await draw('a', undefined)
    await keeper.pass(31)
    expect(await keeper.scan()).toBe(1)
    await keeper.pass(100)
    expect(await keeper.scan()).toBe(0)
    expect(await keeper.on(boardId)).toEqual([named])
  })

  test('stays where the document cannot be built, or updates of it are pending', async ({
    add,
    keeper,
    newBoard,
    documents,
    ada,
    pen,
    stack,
  }) => {
    const [unbuildable, pending] = [await newBoard(), await newBoard()]
    await add(unbuildable)
    await add(pending)
    await pen(unbuildable).draw('a', 'x')
    await stack.database.query(
      `UPDATE board_documents SET build_failure = 'broken' WHERE board_id = $1`,
      [unbuildable],
    )
    const { doc } = pen(pending)
    doc.getText('text').insert(0, 'first')
    const first = Y.encodeStateVector(doc)
    doc.getText('text').insert(5, 'second')
    await documents.append(pending, ada.user.id, Y.encodeStateAsUpdate(doc, first))
    await keeper.pass(31)
    expect(await keeper.scan()).toBe(0)
    await documents.append(pending, ada.user.id, Y.encodeStateAsUpdate(doc))
    await keeper.pass(2)
    expect(await keeper.scan()).toBe(0)
    await keeper.pass(31)
    expect(await keeper.scan()).toBe(1)
    expect(await keeper.on(unbuildable)).toHaveLength(1)
  })

  test('stays where the document changes while it is looked through', async ({
    add,
    keeper,
    boardId,
    pen,
    stack,
    documentServices,
  }) => {
    await add(boardId)
    const { draw } = pen(boardId)
    await draw('a', 'x')
    await keeper.pass(31)
    const scanned = await documentServices.db.transaction().execute(async (tx) => {
      await lockBoard(tx, boardId)
      const scanned = keeper.scan()
      await eventually('the scan waits', async () => {
        const text = `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'
          AND datname = current_database()`
        return (await stack.database.query(text)).length > 0
      })
      await draw('a', 'y')
      return () => scanned
    })
    expect(await scanned()).toBe(0)
    await keeper.pass(2)
    expect(await keeper.scan()).toBe(1)
  })
})

test('a board that cannot be looked through keeps no other from it', async ({
  add,
  keeper,
  newBoard,
  stack,
  atEnd,
}) => {
  const boards: string[] = []
  for (let i = 0; i < 6; i++) {
    const boardId = await newBoard()
    boards.push(boardId)
    await add(boardId)
  }
  const [failing = '', ...others] = boards
  await keeper.pass(31)
  await stack.database.query(
    `UPDATE asset_scans SET scanned_at = scanned_at - interval '1 day' WHERE board_id = $1`,
    [failing],
  )
  await stack.database.query(
    `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
     CREATE TRIGGER refuse BEFORE UPDATE ON asset_scans FOR EACH ROW
     WHEN (NEW.seq <> OLD.seq AND NEW.board_id = '${failing}') EXECUTE FUNCTION refuse()`,
  )
  atEnd(() => stack.database.query('DROP FUNCTION refuse CASCADE'))
  await expect(keeper.scan()).rejects.toThrow('no')
  for (const boardId of others) expect(await keeper.on(boardId)).toEqual([])
  expect(await keeper.on(failing)).toHaveLength(1)
})

describe('the bytes of a file', () => {
  test('are there once for the boards of a workspace, and go with the last', async ({
    add,
    keeper,
    newBoard,
    as,
    ada,
  }) => {
    const boards = [await newBoard(), await newBoard()]
    const file = newPicture()
    const digests = await Promise.all(boards.map((boardId) => add(boardId, file)))
    expect(new Set(digests).size).toBe(1)
    const held = async () => (await keeper.bytes()).filter((key) => key.endsWith(digests[0] ?? ''))
    for (const boardId of boards) await as(ada, `/api/boards/${boardId}`, { method: 'DELETE' })
    // What lies in the trash is not looked through.
    await keeper.pass(100)
    expect(await keeper.scan()).toBe(0)
    for (const [place, boardId] of boards.entries()) {
      expect(await held()).toHaveLength(1)
      await as(ada, `/api/boards/${boardId}/permanently`, { method: 'DELETE' })
      expect(await keeper.review()).toBe(place)
    }
    expect(await held()).toEqual([])
    expect(await keeper.rows()).toEqual(await keeper.bytes())
  })
})

test('a run of retention removes all of it, by however many instances', async ({
  add,
  keeper,
  newBoard,
  stack,
}) => {
  const boardIds = [await newBoard(), await newBoard(), await newBoard()]
  for (const boardId of boardIds) await add(boardId)
  const lost = await add(boardIds[0] ?? '')
  await stack.database.query(`DELETE FROM board_assets WHERE digest = decode($1, 'hex')`, [lost])
  await stack.database.query(`DELETE FROM assets WHERE digest = decode($1, 'hex')`, [lost])
  await keeper.retain()
  await keeper.pass(31)
  await stack.database.query('UPDATE asset_sweeps SET due_at = now()')
  const runs = await Promise.all([keeper.retain(), keeper.retain(), keeper.retain()])
  const sum = (what: string) => runs.reduce((total, run) => total + (run[what] ?? 0), 0)
  expect(sum('board_assets')).toBe(3)
  // An instance that finds another at it leaves the rest to its next run.
  expect(sum('assets') + ((await keeper.retain()).assets ?? 0)).toBe(3)
  expect(sum('left_over_assets')).toBe(1)
  expect(await keeper.bytes()).toEqual([])
})

describe('bytes without a row', () => {
  test('go once they are older than a day', async ({ add, keeper, boardId, stack }) => {
    const kept = await add(boardId)
    const lost = await add(boardId)
    await stack.database.query(`DELETE FROM board_assets WHERE digest = decode($1, 'hex')`, [lost])
    await stack.database.query(`DELETE FROM assets WHERE digest = decode($1, 'hex')`, [lost])
    expect(await keeper.sweep()).toBe(0)
    await keeper.pass(2)
    expect(await keeper.sweep()).toBe(1)
    expect((await keeper.bytes()).map((key) => key.split(' ')[1])).toEqual([kept])
    expect(await keeper.review()).toBe(0)
  })

  test('are looked for once a day by one instance, and not for a week after a database took the place of another', async ({
    documentServices,
    stack,
  }) => {
    const { db } = documentServices
    const claims = async () => {
      const all = await Promise.all([claimSweep(db), claimSweep(db), claimSweep(db)])
      return all.filter(Boolean).length
    }
    const pass = (days: number) =>
      stack.database.query('UPDATE asset_sweeps SET due_at = due_at - make_interval(days => $1)', [
        days,
      ])
    expect(await claims()).toBe(0)
    await pass(6)
    expect(await claims()).toBe(0)
    await pass(2)
    expect(await claims()).toBe(1)
    expect(await claims()).toBe(0)
    await pass(1)
    expect(await claims()).toBe(1)
    await stack.database.query(`UPDATE asset_sweeps SET incarnation = 'another'`)
    await pass(2)
    expect(await claims()).toBe(0)
    await pass(8)
    expect(await claims()).toBe(1)
  })

  test('are looked for again soon where the store fails', async ({ documentServices, stack }) => {
    const { db } = documentServices
    const dir = await mkdtemp(join(tmpdir(), 'mindfuse-assets-'))
    const assets = await openDirectoryStore(dir)
    await claimSweep(db)
    await stack.database.query('UPDATE asset_sweeps SET due_at = now()')
    await rm(dir, { recursive: true })
    const { signal } = new AbortController()
    await expect(removeLeftOverAssets({ db, assets }, signal)).rejects.toThrow(AssetStoreError)
    expect(await claimSweep(db)).toBe(true)
  })
})
