import type { Client, User } from '@mindfuse/client'

/** What pages depend on: the user, who may be a guest on board pages, and navigation. */
export interface App {
  client: Client
  user: User
  /** The user is called something else. */
  setUser(user: User): void
  /** Navigates to another path of the web app. */
  navigate(path: string): void
  /** Ends the session and deletes local data. */
  signOut(): Promise<void>
  /** Deletes local data, after the session has ended. */
  forget(): Promise<void>
  /** By board that was drawn on and left: resolves once its thumbnail was sent. */
  thumbnails: Map<string, Promise<void>>
}
