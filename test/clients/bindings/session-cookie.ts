import { readAuthMessage } from 'y-protocols/auth'
import { WebsocketProvider } from 'y-websocket'
import type { OpenClient } from '../client.ts'
import { openPlain } from './plain.ts'
import { follow, NO_SHORT_CUTS } from './provider.ts'

/** In a page whose user is signed in: no token anywhere. */
export const open: OpenClient = ({ realtimeUrl, boardId, userName }) =>
  openPlain((doc) => {
    const provider = new WebsocketProvider(realtimeUrl, boardId, doc, NO_SHORT_CUTS)
    const reports: string[] = []
    provider.messageHandlers[2] = (_, decoder) =>
      readAuthMessage(decoder, doc, (_, reason) => void reports.push(reason))
    return follow(provider, doc, { userName, reports, renew: () => undefined })
  })
