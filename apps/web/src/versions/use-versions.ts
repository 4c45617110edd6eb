import type { Board, Client, Version } from '@mindfuse/client'
import { useEvents } from '@mindfuse/react'
import { useCallback } from 'react'
import { type PageQuery, type Pages, usePages } from '../app/use-pages.ts'

/** The versions of a board, the newest first. */
export function useVersions({ api }: Client, { id }: Pick<Board, 'id'>): Pages<Version> {
  const read = useCallback((query: PageQuery) => api.boards.versions(id, query), [api, id])
  return usePages(read, useEvents(), 'boards:update')
}
