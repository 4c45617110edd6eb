import { sql } from 'kysely'
import { byTime, type KeysetOrder } from '../db/keyset.ts'

/** How a workspace's boards can be sorted; `-` is descending. */
export const BOARD_SORTS = [
  '-updatedAt',
  'updatedAt',
  '-createdAt',
  'createdAt',
  'name',
  '-name',
] as const

/** One of {@link BOARD_SORTS}. */
export type BoardSort = (typeof BOARD_SORTS)[number]

/** What lists of boards are sorted by. */
interface SortableBoard {
  updated_at: Date
  created_at: Date
  deleted_at: Date | null
  /** The name as the database folds its case. */
  folded_name: string
}

/** An order of a list of boards. Boards that are equal in it go by their ids. */
export interface BoardOrder extends KeysetOrder {
  /** Names the order in cursors. */
  sort: string
  /** The value of `column`, as a cursor holds it. */
  valueOf(row: SortableBoard): string
}

const byTimeOf = (column: string) => byTime(column, 'boards.id', 'desc')

const ORDERS: Record<'updatedAt' | 'createdAt' | 'name', Omit<BoardOrder, 'sort'>> = {
  updatedAt: {
    ...byTimeOf('boards.updated_at'),
    valueOf: (row) => row.updated_at.toISOString(),
  },
  createdAt: {
    ...byTimeOf('boards.created_at'),
    valueOf: (row) => row.created_at.toISOString(),
  },
  name: {
    column: sql`lower(boards.name)`,
    id: sql.ref('boards.id'),
    type: 'text',
    direction: 'asc',
    valueOf: (row) => row.folded_name,
  },
}

/** The order that `?sort=` asks for. */
export function orderOf(sort: BoardSort): BoardOrder {
  const key = sort.replace('-', '') as keyof typeof ORDERS
  return { ...ORDERS[key], sort, direction: sort.startsWith('-') ? 'desc' : 'asc' }
}

/** The order of the trash: what was deleted last comes first. */
export const TRASH_ORDER: BoardOrder = {
  sort: '-deletedAt',
  ...byTimeOf('boards.deleted_at'),
  valueOf: (row) => (row.deleted_at ?? row.updated_at).toISOString(),
}
