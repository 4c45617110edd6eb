import { expect, test } from 'vitest'
import { BOARD_ROLES, canEdit, WORKSPACE_ROLES } from './roles.ts'

test('roles stand strongest first, which policies build on', () => {
  expect(BOARD_ROLES).toEqual(['owner', 'editor', 'viewer'])
  expect(WORKSPACE_ROLES).toEqual(['owner', 'admin', 'member'])
})

test.each([
  ['owner', true],
  ['editor', true],
  ['viewer', false],
] as const)('edits of an %s are accepted: %s', (role, expected) => {
  expect(canEdit(role)).toBe(expected)
})
