import { WebsocketProvider } from 'y-websocket-2'
import type { OpenClient } from '../client.ts'
import { openPlain } from './plain.ts'
import { connect } from './provider.ts'

export const open: OpenClient = (place) =>
  openPlain((doc) => connect(WebsocketProvider, doc, place))
