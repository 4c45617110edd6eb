import { readdir, readFile } from 'node:fs/promises'
import { migrateUp } from '@mindfuse/api'
import { createTestDatabase } from '@mindfuse/testing'
import { describe, expect, inject } from 'vitest'
import { migrateDown } from '../../apps/api/src/db/migrate.ts'
import { test as base } from '../support/process-fixtures.ts'

const DIRECTORY = new URL('../../migrations/', import.meta.url)

/**
 * Everything that a schema is made of, one line a thing, but for Kysely's own two tables. Columns
 * stand in their order, without the places that dropped ones leave behind.
 */
const LISTING = `
  WITH tables AS (
    SELECT c.oid, c.relname, c.relkind, c.reloptions
    FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relname NOT LIKE 'kysely\\_%'
  )
  SELECT concat_ws(' ', 'relation', relname, relkind, reloptions) AS line
  FROM tables
  UNION ALL
  SELECT concat_ws(' ', 'column', relname,
    row_number() OVER (PARTITION BY t.oid ORDER BY attnum), attname,
    format_type(atttypid, atttypmod), attnotnull, attstorage, attidentity, attgenerated,
    collname, pg_get_expr(adbin, adrelid))
  FROM tables t
  JOIN pg_attribute ON attrelid = t.oid AND attnum > 0 AND NOT attisdropped
  LEFT JOIN pg_attrdef ON adrelid = t.oid AND adnum = attnum
  LEFT JOIN pg_collation l ON l.oid = attcollation
  WHERE relkind IN ('r', 'v', 'm', 'p')
  UNION ALL
  SELECT concat_ws(' ', 'constraint', relname, conname, pg_get_constraintdef(k.oid), convalidated)
  FROM tables t JOIN pg_constraint k ON conrelid = t.oid
  UNION ALL
  SELECT concat_ws(' ', 'index', pg_get_indexdef(indexrelid), indisvalid)
  FROM tables t JOIN pg_index ON indrelid = t.oid
  UNION ALL
  SELECT concat_ws(' ', 'trigger', pg_get_triggerdef(g.oid))
  FROM tables t JOIN pg_trigger g ON tgrelid = t.oid WHERE NOT tgisinternal
  UNION ALL
  SELECT concat_ws(' ', 'view', relname, pg_get_viewdef(oid)) FROM tables WHERE relkind IN ('v', 'm')
  UNION ALL
  SELECT concat_ws(' ', 'function', proname, pg_get_functiondef(p.oid))
  FROM pg_proc p
  WHERE pronamespace = 'public'::regnamespace AND prokind IN ('f', 'p')
    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = p.oid AND deptype = 'e')
  UNION ALL
  SELECT concat_ws(' ', 'type', typname, typtype,
    (SELECT string_agg(enumlabel, ',' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = y.oid))
  FROM pg_type y
  WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd')
  UNION ALL
  SELECT concat_ws(' ', 'extension', extname) FROM pg_extension
  ORDER BY line`

const test = base
  .extend('steps', { scope: 'file' }, async () => {
    const files = await readdir(DIRECTORY)
    return files.filter((file) => file.endsWith('.sql')).sort()
  })
  .extend('database', async ({ task: _ }, { onCleanup }) => {
    const empty = Object.assign(new URL(inject('templateUrl')), { pathname: '/template0' })
    const database = await createTestDatabase(empty.href)
    onCleanup(() => database.drop())
    return database
  })
  .extend('names', { scope: 'file' }, ({ steps }) => steps.map((file) => file.replace('.sql', '')))
  .extend('listing', ({ database }) => async (): Promise<string[]> => {
    return (await database.query(LISTING)).map(({ line }) => line)
  })

async function sectionsOf(file: string): Promise<{ up: string; down: string }> {
  const text = await readFile(new URL(file, DIRECTORY), 'utf8')
  const [up = '', down = ''] = text.split('-- migrate:down\n')
  return { up, down }
}

describe('migrations', () => {
  test('go all the way up, all the way down, and up again to the same schema', async ({
    listing,
    database,
    names,
  }) => {
    const empty = await listing()
    expect(await migrateUp(database)).toEqual(names)
    const full = await listing()
    expect(full.length).toBeGreaterThan(empty.length)
    expect(await migrateUp(database)).toEqual([])

    for (const name of names.toReversed()) expect(await migrateDown(database)).toBe(name)
    expect(await migrateDown(database)).toBeUndefined()
    expect(await listing()).toEqual(empty)

    expect(await migrateUp(database)).toEqual(names)
    expect(await listing()).toEqual(full)
  })

  test('each way back undoes its step and nothing else', async ({ steps, listing, database }) => {
    for (const file of steps) {
      const { up, down } = await sectionsOf(file)
      const before = await listing()
      await database.query(up)
      const after = await listing()
      expect(after, `${file} changes something`).not.toEqual(before)
      await database.query(down)
      expect(await listing(), `${file} is undone`).toEqual(before)
      await database.query(up)
      expect(await listing(), `${file} can be done again`).toEqual(after)
    }
  })

  test('018 makes viewers of commenters on the way back', async ({ steps, database }) => {
    const before = steps.filter((file) => file < '018')
    for (const file of before) await database.query((await sectionsOf(file)).up)
    const { up, down } = await sectionsOf('018_commenter.sql')
    await database.query(up)
    await database.query(`
      INSERT INTO users (id, oauth_provider, oauth_id, email)
        SELECT gen_random_uuid(), 'test', n::text, n || '@example.com' FROM generate_series(1, 2) n;
      INSERT INTO workspaces (name, type, owner_id)
        SELECT 'Team', 'team', min(id::text)::uuid FROM users;
      INSERT INTO boards (workspace_id, name) SELECT id, 'Board' FROM workspaces;
      INSERT INTO board_members (board_id, user_id, role)
        SELECT b.id, u.id, CASE WHEN oauth_id = '1' THEN 'commenter' ELSE 'editor' END
        FROM boards b, users u;
      INSERT INTO board_invites (board_id, token, role, expires_at, created_by)
        SELECT board_id, role, role, now(), user_id FROM board_members`)
    await database.query(down)
    const roles = ['editor', 'viewer'].map((role) => ({ role }))
    for (const table of ['board_members', 'board_invites']) {
      expect(await database.query(`SELECT role FROM ${table} ORDER BY role`)).toEqual(roles)
    }
  })

  test('applied by several instances at once are applied once, and fail for none', async ({
    names,
    database,
  }) => {
    const applied = await Promise.all(Array.from({ length: 4 }, () => migrateUp(database)))
    // They may take turns at any step.
    expect(applied.flat().toSorted()).toEqual(names)
    const rows = await database.query('SELECT name FROM kysely_migration ORDER BY name')
    expect(rows.map(({ name }) => name)).toEqual(names)
  })

  test('a step that fails changes nothing, those before it stay, and the rest follows once the cause is gone', async ({
    listing,
    database,
    names,
  }) => {
    // In the way of the third step.
    await database.query('CREATE TABLE boards ()')
    await expect(migrateUp(database)).rejects.toThrow(
      'migration 003_board failed: relation "boards" already exists',
    )
    await database.query('DROP TABLE boards')
    expect(await migrateUp(database)).toEqual(names.slice(2))
    const late = await listing()
    for (const _ of names) await migrateDown(database)
    await migrateUp(database)
    expect(await listing()).toEqual(late)
  })

  test('give boards that exist already a document of their own', async ({ steps, database }) => {
    for (const file of steps.filter((step) => step < '006')) {
      await database.query((await sectionsOf(file)).up)
    }
    const [board] = await database.query(
      `WITH w AS (INSERT INTO workspaces (name, type) VALUES ('W', 'team') RETURNING id)
      INSERT INTO boards (workspace_id, name) SELECT id, 'B' FROM w RETURNING id`,
    )
    await database.query((await sectionsOf('006_document.sql')).up)
    expect(await database.query('SELECT board_id, seq, snapshot FROM board_documents')).toEqual([
      { board_id: board.id, seq: '0', snapshot: null },
    ])
  })
})
