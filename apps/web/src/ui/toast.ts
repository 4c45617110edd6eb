import { MindfuseError } from '@mindfuse/client'
import { h } from './dom.ts'

/** How long a toast stays, milliseconds. */
const TOAST_MS = 6_000

/** Most toasts at a time; older ones go. */
const MAX_TOASTS = 3

/** Says something in passing, to screen readers too. */
export function toast(message: string): void {
  const toasts = document.querySelector('#toasts')
  if (!toasts) return
  const element = h('p', { class: 'toast' }, message)
  toasts.append(element)
  while (toasts.children.length > MAX_TOASTS) toasts.firstElementChild?.remove()
  setTimeout(() => element.remove(), TOAST_MS)
}

/** What went wrong, for people. */
export function messageOf(error: unknown): string {
  if (!(error instanceof MindfuseError)) return 'Something went wrong. Try again.'
  if (error.code === 'network_error' || error.code === 'timeout') {
    return 'The server cannot be reached. Try again in a moment.'
  }
  return error.message
}

/** Runs something that a person asked for, and says so where it fails. */
export function attempt(action: () => Promise<unknown>): void {
  action().catch((error) => toast(messageOf(error)))
}
