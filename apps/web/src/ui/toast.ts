import { MindfuseError } from '@mindfuse/client'
import { messages } from '../language/language.ts'
import { problemKey } from '../language/problem-texts.ts'

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

/** An error as a message for users. */
export function messageOf(error: unknown): string {
  const { text } = messages()
  if (!(error instanceof MindfuseError)) return text('problem.unknown')
  if (error.status === 401) return text('problem.signedOut')
  const key = problemKey(error.code)
  return key === undefined ? error.message : text(key)
}

/** Runs an action and shows a toast if it fails. */
export function attempt(action: () => Promise<unknown>): void {
  action().catch((error) => toast(messageOf(error)))
}
