import { describe, expect, test } from 'vitest'
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
    [paths.versions('b'), { kind: 'versions', boardId: 'b' }],
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
