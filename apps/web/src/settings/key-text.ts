import type { Key } from '@mindfuse/client'
import type { PlainKey } from '../language/catalogue.ts'
import type { Messages } from '../language/messages.ts'
import { endText } from '../ui/end-field.tsx'
import { isolateIfNeeded } from '../ui/isolate.ts'

/** What a key may do. */
export type Scope = Key['scopes'][number]

/** What each scope lets a program do. */
export const SCOPES: Record<Scope, PlainKey> = {
  'boards:read': 'keys.scope.read',
  'boards:write': 'keys.scope.write',
  'comments:write': 'keys.scope.comment',
  'members:write': 'keys.scope.members',
  'tokens:create': 'keys.scope.tokens',
}

/** All about a key in a line: "boards:read · all boards · Never ends · last used 5 minutes ago · by Ada". */
export function keyText(
  key: Pick<Key, 'scopes' | 'boardIds' | 'expiresAt' | 'lastUsedAt' | 'creatorName'>,
  messages: Messages,
): string {
  const { scopes, boardIds, expiresAt, lastUsedAt, creatorName } = key
  const { text, ago } = messages
  return [
    scopes.join(', '),
    boardIds === null ? text('keys.allBoards') : text('keys.boards', { count: boardIds.length }),
    endText(expiresAt, messages),
    lastUsedAt === null ? text('keys.neverUsed') : text('keys.used', { ago: ago(lastUsedAt) }),
    creatorName !== null && text('keys.by', { name: isolateIfNeeded(creatorName) }),
  ]
    .filter((part) => part !== false)
    .join(' · ')
}
