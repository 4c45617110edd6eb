/** The parts of the settings of a workspace. */
export const SETTINGS_SECTIONS = ['general', 'members', 'keys', 'usage', 'audit'] as const

/** One of {@link SETTINGS_SECTIONS}. */
export type SettingsSection = (typeof SETTINGS_SECTIONS)[number]

/** A parsed path of the web app. */
export type Route =
  | { kind: 'home' }
  | { kind: 'workspace'; workspaceId: string }
  | { kind: 'trash'; workspaceId: string }
  | { kind: 'settings'; workspaceId: string; section: SettingsSection | undefined }
  | { kind: 'board'; boardId: string }
  | { kind: 'versions'; boardId: string }
  | { kind: 'embedded'; boardId: string }
  | { kind: 'invite'; token: string }
  | { kind: 'link'; token: string }
  | { kind: 'sign-in' }
  | { kind: 'account' }
  | { kind: 'operations' }
  | { kind: 'unknown' }

/** Whether a path belongs to signing in, where the API sends people on. */
export function isSignIn(path: string): boolean {
  return /^\/api\/auth\/[^/]+(\/callback)?$/.test(path)
}

/** Parses a path. */
export function routeOf(path: string): Route {
  const [area = '', id = '', rest = '', part = '', ...more] = path.split('/').slice(1)
  if (more.length > 0) return { kind: 'unknown' }
  if (area === 'workspaces' && id !== '' && rest === 'settings') return settingsOf(id, part)
  if (part !== '') return { kind: 'unknown' }
  if (area === '' && id === '') return { kind: 'home' }
  if (area === 'sign-in' && id === '') return { kind: 'sign-in' }
  if (area === 'account' && id === '' && rest === '') return { kind: 'account' }
  if (area === 'operations' && id === '' && rest === '') return { kind: 'operations' }
  if (id === '') return { kind: 'unknown' }
  if (area === 'workspaces' && rest === '') return { kind: 'workspace', workspaceId: id }
  if (area === 'workspaces' && rest === 'trash') return { kind: 'trash', workspaceId: id }
  if (area === 'boards' && rest === '') return { kind: 'board', boardId: id }
  if (area === 'boards' && rest === 'versions') return { kind: 'versions', boardId: id }
  if (area === 'embed' && id === 'boards' && rest !== '') return { kind: 'embedded', boardId: rest }
  if (area === 'invites' && rest === '') return { kind: 'invite', token: id }
  if (area === 'links' && rest === '') return { kind: 'link', token: id }
  return { kind: 'unknown' }
}

function settingsOf(workspaceId: string, part: string): Route {
  const section = SETTINGS_SECTIONS.find((name) => name === part)
  if (part !== '' && section === undefined) return { kind: 'unknown' }
  return { kind: 'settings', workspaceId, section }
}

/** Paths of pages, the inverse of {@link routeOf}. */
export const paths = {
  home: '/',
  workspace: (workspaceId: string) => `/workspaces/${workspaceId}`,
  trash: (workspaceId: string) => `/workspaces/${workspaceId}/trash`,
  settings: (workspaceId: string, section?: SettingsSection) =>
    `/workspaces/${workspaceId}/settings${section === undefined ? '' : `/${section}`}`,
  board: (boardId: string) => `/boards/${boardId}`,
  account: '/account',
  versions: (boardId: string) => `/boards/${boardId}/versions`,
  operations: '/operations',
  invite: (token: string) => `/invites/${token}`,
  link: (token: string) => `/links/${token}`,
}
