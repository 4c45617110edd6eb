import { expect, test } from 'vitest'
import { messages } from '../language/language.ts'
import { type Denial, textsOfDenial } from './denial-texts.ts'

const denied = (reason: Denial['reason'], code: string = reason) => ({ reason, code })

test.each([
  ['person', denied('access_removed'), 'You no longer have access to this board', /new invite/],
  ['guest', denied('access_removed'), 'You no longer have access to this board', /new link/],
  ['person', denied('sign_in_required'), 'You are signed out', /^Sign in again/],
  ['guest', denied('sign_in_required'), 'Your visit has ended', /^Open the link again/],
  ['guest', denied('signed_in_as_another'), 'Someone else is signed in', /^Another account/],
  ['person', denied('board_not_found'), 'Board not found', /not shared with you/],
  ['person', denied('board_not_found', 'board_gone'), 'This board is gone', /restore it/],
  ['guest', denied('board_not_found', 'board_gone'), 'This board is gone', /restore it/],
  ['person', denied('document_failed'), 'This board cannot be opened', /earlier version/],
] as const)('a %s who is denied by %j reads “%s”', (kind, denial, title, explanation) => {
  const { text } = messages()
  const [shownTitle, shownText] = textsOfDenial(denial, { kind })
  expect(text(shownTitle)).toBe(title)
  expect(text(shownText)).toMatch(explanation)
})
