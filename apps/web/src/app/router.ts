/** A parsed path of the web app. */
export type Route =
  | { kind: 'home' }
  | { kind: 'workspace'; workspaceId: string }
  | { kind: 'trash'; workspaceId: string }
  | { kind: 'settings'; workspaceId: string }
  | { kind: 'board'; boardId: string }
  | { kind: 'embedded'; boardId: string }
  | { kind: 'invite'; token: string }
  | { kind: 'link'; token: string }
  | { kind: 'sign-in' }
  | { kind: 'operations' }
  | { kind: 'unknown' }

/** Whether a path belongs to signing in, where the API sends people on. */
export function isSignIn(path: string): boolean {
  return /^\/api\/auth\/[^/]+(\/callback)?$/.test(path)
}

/** Parses a path. */
export function routeOf(path: string): Route {
  const [area = '', id = '', rest = '', ...more] = path.split('/').slice(1)
  if (more.length > 0) return { kind: 'unknown' }
  if (area === '' && id === '') return { kind: 'home' }
  if (area === 'sign-in' && id === '') return { kind: 'sign-in' }
  if (area === 'operations' && id === '' && rest === '') return { kind: 'operations' }
  if (id === '') return { kind: 'unknown' }
  if (area === 'workspaces' && rest === '') return { kind: 'workspace', workspaceId: id }
  if (area === 'workspaces' && rest === 'trash') return { kind: 'trash', workspaceId: id }
  if (area === 'workspaces' && rest === 'settings') return { kind: 'settings', workspaceId: id }
  if (area === 'boards' && rest === '') return { kind: 'board', boardId: id }
  if (area === 'embed' && id === 'boards' && rest !== '') return { kind: 'embedded', boardId: rest }
  if (area === 'invites' && rest === '') return { kind: 'invite', token: id }
  if (area === 'links' && rest === '') return { kind: 'link', token: id }
  return { kind: 'unknown' }
}

/** Paths of pages, the inverse of {@link routeOf}. */
export const paths = {
  home: '/',
  workspace: (workspaceId: string) => `/workspaces/${workspaceId}`,
  trash: (workspaceId: string) => `/workspaces/${workspaceId}/trash`,
  settings: (workspaceId: string) => `/workspaces/${workspaceId}/settings`,
  board: (boardId: string) => `/boards/${boardId}`,
  operations: '/operations',
  invite: (token: string) => `/invites/${token}`,
  link: (token: string) => `/links/${token}`,
}
