import { expect, test } from 'vitest'
import { BOARD_ROLES, canEdit, readBoardRole, WORKSPACE_ROLES } from './roles.ts'

test('roles stand strongest first, which policies build on', () => {
  expect(BOARD_ROLES).toEqual(['owner', 'editor', 'commenter', 'viewer'])
  expect(WORKSPACE_ROLES).toEqual(['owner', 'admin', 'member'])
})

test.each([
  ['owner', true],
  ['editor', true],
  ['commenter', false],
  ['viewer', false],
] as const)('edits of an %s are accepted: %s', (role, expected) => {
  expect(canEdit(role)).toBe(expected)
})

test.each(BOARD_ROLES)('%s is read as it is', (role) => {
  expect(readBoardRole(role)).toBe(role)
})

test.each(['moderator', '', 'toString'])(
  'a role "%s", which is unknown, is read as viewer',
  (role) => {
    expect(readBoardRole(role)).toBe('viewer')
  },
)
