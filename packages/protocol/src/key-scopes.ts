/** What a key may be made for. */
export const KEY_SCOPES = [
  'boards:read',
  'boards:write',
  'comments:write',
  'members:write',
  'tokens:create',
] as const

/** One of {@link KEY_SCOPES}. */
export type KeyScope = (typeof KEY_SCOPES)[number]

/** Those that make no sense without reading boards, and so include that. */
const READING: readonly KeyScope[] = ['boards:write', 'comments:write', 'members:write']

/** Whether these scopes include one. */
export function hasScope(scopes: readonly KeyScope[], scope: KeyScope): boolean {
  if (scopes.includes(scope)) return true
  return scope === 'boards:read' && scopes.some((held) => READING.includes(held))
}
