import type { Key } from '@mindfuse/client'
import { endText } from '../ui/end-field.ts'

/** What a key may do. */
export type Scope = Key['scopes'][number]

/** What each scope lets a program do. */
export const SCOPES: Record<Scope, string> = {
  'boards:read': 'Read boards, their content, history and versions.',
  'boards:write': 'Create, edit, rename, duplicate and delete boards, and read them.',
  'comments:write': 'Comment on boards, and read them.',
  'members:write': 'See, add and remove the members of boards, and read boards.',
  'tokens:create': 'Let the users of another product in, with access tokens for them.',
}

/** All about a key in a line: "boards:read · all boards · Never ends · last used 5 minutes ago · by Ada". */
export function keyText(
  key: Pick<Key, 'scopes' | 'boardIds' | 'expiresAt' | 'lastUsedAt' | 'creatorName'>,
  ago: (time: string) => string,
): string {
  const { scopes, boardIds, expiresAt, lastUsedAt, creatorName } = key
  return [
    scopes.join(', '),
    boardIds === null ? 'all boards' : `boards: ${boardIds.length}`,
    endText(expiresAt),
    lastUsedAt === null ? 'never used' : `last used ${ago(lastUsedAt)}`,
    creatorName !== null && `by ${creatorName}`,
  ]
    .filter((part) => part !== false)
    .join(' · ')
}
