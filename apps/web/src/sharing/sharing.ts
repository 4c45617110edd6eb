import type { BoardDetails } from '@mindfuse/client'
import type { App } from '../app/app.ts'

/** What the parts of the share dialog have in common. */
export interface Sharing {
  app: App
  board: BoardDetails
  /** Reads all lists again. */
  reload: () => void
  /** Does something, shows why it failed, and reads all lists again either way. */
  change: (action: () => Promise<unknown>) => void
}
