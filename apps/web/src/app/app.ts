import type { Client, User } from '@mindfuse/client'

/** What pages have to do with: somebody signed in, and the way to other pages. */
export interface App {
  client: Client
  user: User
  /** Goes to another address of the web app. */
  navigate(path: string): void
  /** Ends the session and forgets what this machine keeps. */
  signOut(): Promise<void>
  /** Pictures of boards that were drawn here, newer than what the API's list may show yet. */
  thumbnails: Map<string, string | null>
}

/** A page: what is shown, and what ends when it is left. */
export interface Page {
  element: HTMLElement
  title: string
  close?(): void
}
