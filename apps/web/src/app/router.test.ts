import { describe, expect, test } from 'vitest'
import { saveStateOf } from '../board/save-state.ts'
import { paths, routeOf } from './router.ts'

describe('an address', () => {
  test.each([
    [paths.home, { kind: 'home' }],
    [paths.workspace('w'), { kind: 'workspace', workspaceId: 'w' }],
    [paths.trash('w'), { kind: 'trash', workspaceId: 'w' }],
    [paths.settings('w'), { kind: 'settings', workspaceId: 'w', section: undefined }],
    [paths.settings('w', 'members'), { kind: 'settings', workspaceId: 'w', section: 'members' }],
    [paths.account, { kind: 'account' }],
    [paths.board('b'), { kind: 'board', boardId: 'b' }],
    [paths.operations, { kind: 'operations' }],
    [paths.invite('t'), { kind: 'invite', token: 't' }],
    [paths.link('t'), { kind: 'link', token: 't' }],
    ['/boards', { kind: 'unknown' }],
    ['/boards/b/more', { kind: 'unknown' }],
    ['/operations/x', { kind: 'unknown' }],
    ['/workspaces/w/settings/x', { kind: 'unknown' }],
    ['/workspaces/w/settings/keys/x', { kind: 'unknown' }],
    ['/account/x', { kind: 'unknown' }],
    ['/docs', { kind: 'unknown' }],
    ['/workspaces/w/trash/x', { kind: 'unknown' }],
  ])('%s leads to %j', (path, route) => {
    expect(routeOf(path)).toEqual(route)
  })
})

describe('the save label', () => {
  const board = {
    status: { kind: 'online' },
    saved: true,
    isStorageDelayed: false,
    isPaused: false,
    canEdit: true,
    synced: true,
    isOnline: true,
  } as const

  test.each([
    [{}, 'saved'],
    [{ saved: false }, 'saving'],
    [{ saved: false, isStorageDelayed: true }, 'saving'],
    [{ isPaused: true }, 'paused'],
    [{ isPaused: true, canEdit: false }, 'paused'],
    [{ canEdit: false }, 'viewing'],
    [{ synced: false }, 'connecting'],
    [{ status: { kind: 'offline' } }, 'offline'],
    [{ isOnline: false }, 'offline'],
  ] as const)('%j is %s', (change, kind) => {
    expect(saveStateOf({ ...board, ...change }).kind).toBe(kind)
  })

  test('never claims unsaved edits are saved', () => {
    for (const kind of ['connecting', 'online', 'offline', 'denied', 'closed'] as const) {
      expect(saveStateOf({ ...board, saved: false, status: { kind } }).kind).not.toBe('saved')
    }
  })
})
