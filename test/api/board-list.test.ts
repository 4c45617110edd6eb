import { describe, expect } from 'vitest'
import { test as base } from '../support/fixtures.ts'
import { readPages } from '../support/pages.ts'

const test = base
  .extend(
    'list',
    ({ cast }) =>
      (query: Record<string, string | number>) =>
        cast.call(
          cast.workspaceMember,
          'GET',
          `/api/workspaces/${cast.workspaceId}/boards?${new URLSearchParams(query as Record<string, string>)}`,
        ),
  )
  /** Every page of a list, of two items each. */
  .extend('pages', ({ list }) => async (query: Record<string, string>): Promise<Item[]> => {
    return readPages((cursor) => {
      const after = cursor.replace('&cursor=', '')
      return list({ ...query, limit: 2, ...(after && { cursor: after }) })
    })
  })
  .extend(
    'search',
    ({ pages }) =>
      async (q: string) =>
        (await pages({ q, sort: 'name' }))
          .map((board) => board.name)
          .filter((name) => /§/.test(name)),
  )

interface Item {
  id: string
  name: string
  createdAt: string
  updatedAt: string
}

describe('the list of boards', () => {
  // Equal names and equal times, so that only ids tell some apart.
  const NAMES = ['beta', 'Alpha', 'alpha', 'ALPHA', 'Gamma', 'Élan', '中文', 'beta', '🎨', 'gamma']

  test.beforeAll(async ({ cast, stack }) => {
    for (const name of NAMES) await cast.newBoard(name)
    await stack.database.query(
      `UPDATE boards SET created_at = now() - interval '1 hour' * length(name),
                         updated_at = now() - interval '1 day' * length(name)`,
    )
    const trashed = await cast.newBoard('alpha in the trash')
    await cast.call(cast.owner, 'DELETE', `/api/boards/${trashed}`)
  })

  const byName = (board: Item) => board.name.toLowerCase()
  const byTime = (field: 'createdAt' | 'updatedAt') => (board: Item) => board[field]

  test.for([
    ['updatedAt', byTime('updatedAt')],
    ['createdAt', byTime('createdAt')],
    ['name', byName],
  ] as const)(
    'by %s holds every board once, and -%s is its reverse',
    async ([sort, sortedBy], { pages, list }) => {
      const up = await pages({ sort })
      expect(up.map((board) => board.name).sort()).toEqual([...NAMES].sort())
      const down = await pages({ sort: `-${sort}` })
      expect(down).toEqual(up.toReversed())
      expect((await list({ sort, limit: 100 })).body.items).toEqual(up)
      // Equals are neighbours: each value comes up in one run.
      const runs = up.map(sortedBy).filter((value, i, all) => value !== all[i - 1])
      expect(runs).toHaveLength(new Set(runs).size)
      if (sort !== 'name') expect(runs).toEqual([...runs].sort())
    },
  )

  test('is by name without regard to case', async ({ pages }) => {
    const names = (await pages({ sort: 'name' })).map(byName).filter((name) => /^[a-z]/.test(name))
    expect(names).toEqual(['alpha', 'alpha', 'alpha', 'beta', 'beta', 'gamma', 'gamma'])
  })

  test('is by the last change, newest first, unless asked otherwise', async ({ list }) => {
    expect((await list({})).body).toEqual((await list({ sort: '-updatedAt' })).body)
  })

  test('takes no cursor of another order', async ({ list }) => {
    const { nextCursor } = (await list({ sort: 'name', limit: 2 })).body
    for (const sort of ['-name', 'createdAt', '-updatedAt']) {
      const answer = await list({ sort, cursor: nextCursor })
      expect(answer.body).toMatchObject({ status: 400, code: 'invalid_cursor' })
    }
  })

  test.for([
    [{ sort: 'color' }, '/query/sort'],
    [{ sort: '--name' }, '/query/sort'],
    [{ q: 'x'.repeat(256) }, '/query/q'],
    [{ search: 'x' }, '/query/search'],
    [{ limit: '0' }, '/query/limit'],
  ])('refuses %o', async ([query, pointer], { list }) => {
    const answer = await list(query as Record<string, string>)
    expect(answer.body).toMatchObject({ status: 400, errors: [{ pointer }] })
  })

  test('stays in place while boards come and go', async ({ list, cast }) => {
    const { body } = await list({ sort: 'name', limit: 3 })
    const added = await cast.newBoard('Aardvark')
    const rest = await list({ sort: 'name', limit: 100, cursor: body.nextCursor })
    await cast.call(cast.owner, 'DELETE', `/api/boards/${added}`)
    const names = [...body.items, ...rest.body.items].map((board: Item) => board.name)
    expect(names.sort()).toEqual([...NAMES].sort())
  })
})

describe('searching', () => {
  test.beforeAll(async ({ cast }) => {
    for (const name of ['§ 50% off', '§ 500 off', '§ a_b', '§ axb', '§ c\\d', '§ Übersicht']) {
      await cast.newBoard(name)
    }
  })

  test.for<[q: string, names: string[]]>([
    ['50%', ['§ 50% off']],
    ['%', ['§ 50% off']],
    ['a_b', ['§ a_b']],
    ['A_B', ['§ a_b']],
    ['\\', ['§ c\\d']],
    ['ÜBER', ['§ Übersicht']],
    ['OFF', ['§ 50% off', '§ 500 off']],
    ['nowhere', []],
  ])('for %s finds %o', async ([q, names], { search }) => {
    expect((await search(q)).sort()).toEqual([...names].sort())
  })

  test('for nothing finds everything', async ({ search }) => {
    expect(await search('')).toHaveLength(6)
  })
})
