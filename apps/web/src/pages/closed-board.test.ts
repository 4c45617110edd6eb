import { MindfuseError } from '@mindfuse/client'
import { expect, test } from 'vitest'
import { messages } from '../language/language.ts'
import { closedBoardOf, isClosed, textsOfClosed } from './closed-board.ts'

const trashed = { name: 'Engine', trashedAt: '2026-11-30T12:00:00Z', canRestore: false }

test.each([
  ['board_trashed', trashed, false, { kind: 'trashed', ...trashed }],
  ['board_trashed', { ...trashed, canRestore: true }, true, { kind: 'trashed', canRestore: true }],
  ['board_not_found', {}, true, { kind: 'taken_away' }],
  ['board_not_found', {}, false, { kind: 'unknown' }],
])('%s with %j, of a board that was open here (%j), is read', (code, details, wasOpen, closed) => {
  const error = new MindfuseError(code, 'No such board', { status: 404, details })
  expect(closedBoardOf(error, wasOpen)).toMatchObject(closed)
})

test('a board that cannot be read at the moment is not closed', () => {
  expect(isClosed(new MindfuseError('overloaded', 'Busy', { status: 503 }))).toBe(false)
})

test.each([
  ['taken_away', 'person', 'You no longer have access to this board', /was open in this browser/],
  ['taken_away', 'guest', 'You no longer have access to this board', /new link/],
  ['unknown', 'person', 'This board does not open', /not shared with you/],
  ['unknown', 'guest', 'This board does not open', /new link/],
] as const)('a board that is %s to a %s is “%s”', (closed, kind, title, explanation) => {
  const { text } = messages()
  const [shownTitle, shownText] = textsOfClosed(closed, { kind })
  expect(text(shownTitle)).toBe(title)
  expect(text(shownText)).toMatch(explanation)
})
