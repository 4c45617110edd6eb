import { MindfuseError } from '@mindfuse/client'
import type { PlainKey } from '../language/catalogue.ts'
import { messages } from '../language/language.ts'

/** How long a toast stays visible, milliseconds; with something to do, longer. */
const TOAST_MS = 6_000
const ACTION_TOAST_MS = 12_000

/** Toasts shown at a time; the oldest is removed first. */
const MAX_TOASTS = 3

/** What a toast offers to do. */
export interface ToastAction {
  label: string
  onChoose: () => void
}

/**
 * Shows a short message, announced by screen readers too. It stays while the pointer or the focus is on it. Made without
 * React and anything that is loaded later: it says that the server cannot be reached.
 */
export function toast(message: string, action?: ToastAction): void {
  const toasts = document.querySelector<HTMLElement>('#toasts')
  if (!toasts) return
  const element = elementOf('div', 'toast')
  element.append(elementOf('span', '', message))
  if (action) {
    const choose = () => {
      element.remove()
      action.onChoose()
    }
    const button = elementOf('button', 'quiet', action.label)
    button.addEventListener('click', choose)
    element.append(button)
  }
  toasts.append(element)
  // Shown anew, it is above a dialog that was opened since, and not behind its backdrop.
  toasts.hidePopover()
  toasts.showPopover()
  while (toasts.children.length > MAX_TOASTS) toasts.firstElementChild?.remove()
  removeLater(element, action ? ACTION_TOAST_MS : TOAST_MS)
}

function elementOf(tag: 'div' | 'span' | 'button', className: string, text = ''): HTMLElement {
  const element = document.createElement(tag)
  element.className = className
  element.textContent = text
  return element
}

function removeLater(element: HTMLElement, afterMs: number): void {
  let timer: ReturnType<typeof setTimeout>
  const start = () => {
    timer = setTimeout(() => element.remove(), afterMs)
  }
  for (const event of ['pointerenter', 'focusin']) {
    element.addEventListener(event, () => clearTimeout(timer))
  }
  for (const event of ['pointerleave', 'focusout']) {
    element.addEventListener(event, () => {
      clearTimeout(timer)
      start()
    })
  }
  start()
}

/** What to say about problems that any page may have, by their codes; the server has a sentence for each other. */
const PROBLEMS: Partial<Record<string, PlainKey>> = {
  network_error: 'problem.unreachable',
  timeout: 'problem.unreachable',
  internal_error: 'problem.unknown',
  not_an_answer: 'problem.unknown',
  overloaded: 'problem.overloaded',
  unavailable: 'problem.overloaded',
  rate_limited: 'problem.rate_limited',
  conflict: 'problem.conflict',
  board_not_found: 'problem.gone',
  board_trashed: 'problem.gone',
  workspace_not_found: 'problem.gone',
  deleted_meanwhile: 'problem.gone',
  in_trash: 'problem.gone',
  not_in_trash: 'problem.gone',
  board_full: 'problem.board_full',
  too_large: 'problem.too_large',
  read_only: 'problem.read_only',
  file_too_large: 'problem.file_too_large',
  storage_failed: 'problem.storage_failed',
  edit_failed: 'problem.edit_failed',
  document_failed: 'problem.document_failed',
  last_owner: 'problem.last_owner',
  already_member: 'problem.already_member',
  already_owner: 'problem.already_owner',
  too_many_memberships: 'problem.too_many_memberships',
}

/** An error as a message for users. */
export function messageOf(error: unknown): string {
  const { text } = messages()
  if (!(error instanceof MindfuseError)) return text('problem.unknown')
  if (error.status === 401) return text('problem.signedOut')
  const key = PROBLEMS[error.code]
  return key === undefined ? error.message : text(key)
}

/** Runs an action and shows a toast if it fails. */
export function attempt(action: () => Promise<unknown>): void {
  action().catch((error) => toast(messageOf(error)))
}
