import { MindfuseError } from '@mindfuse/client'
import { h } from './dom.ts'

/** How long a toast stays visible, milliseconds. */
const TOAST_MS = 6_000

/** Toasts shown at a time; the oldest is removed first. */
const MAX_TOASTS = 3

/** Shows a short message, announced by screen readers too. */
export function toast(message: string): void {
  const toasts = document.querySelector<HTMLElement>('#toasts')
  if (!toasts) return
  const element = h('p', { class: 'toast' }, message)
  toasts.append(element)
  // Shown anew, it is above a dialog that was opened since, and not behind its backdrop.
  toasts.hidePopover()
  toasts.showPopover()
  while (toasts.children.length > MAX_TOASTS) toasts.firstElementChild?.remove()
  setTimeout(() => element.remove(), TOAST_MS)
}

/** An error as a message for users. */
export function messageOf(error: unknown): string {
  if (!(error instanceof MindfuseError)) return 'Something went wrong. Try again.'
  if (error.code === 'network_error' || error.code === 'timeout') {
    return 'Cannot reach the server. Try again in a moment.'
  }
  if (error.status === 401) return 'You are signed out. Sign in again to continue.'
  return error.message
}

/** Runs an action and shows a toast if it fails. */
export function attempt(action: () => Promise<unknown>): void {
  action().catch((error) => toast(messageOf(error)))
}
