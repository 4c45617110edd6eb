// Joins a board with the SDK, adds a shape, and prints who is present, the board after each change,
// and whether it is saved. Run it from the repository's root, after `npm run build`, in two
// terminals:
//   TOKEN=… BOARD=… node examples/sdk-client.mjs ada
//   TOKEN=… BOARD=… node examples/sdk-client.mjs alan
import { createClient } from '@mindfuse/client'
import WebSocket from 'ws'

const { TOKEN = '', BOARD = '' } = process.env
const { API_URL = 'http://localhost:8080', REALTIME_URL = 'ws://localhost:8081/ws' } = process.env
const [name = 'ada'] = process.argv.slice(2)
const print = (line) => process.stdout.write(`${line}\n`)

const client = createClient({
  apiUrl: API_URL,
  realtimeUrl: REALTIME_URL,
  // Not needed in a browser, where the session cookie gets tokens.
  getToken: async () => ({ accessToken: TOKEN, expiresAt: '2100-01-01T00:00:00Z' }),
  environment: { WebSocket },
})
const board = client.board(BOARD)
const shapes = () => board.doc.getMap('shapes')

board.on('status', (state) => print(state.kind === 'denied' ? `denied: ${state.code}` : state.kind))
board.on('saved', (isSaved) => print(isSaved ? 'saved' : 'saving'))
board.presence.on('join', (user) => print(`${user.name} joined`))
board.presence.on('leave', (user) => print(`${user.name} left`))
board.doc.on('update', () => print(JSON.stringify(shapes())))

await board.whenSynced()
board.edit(() => shapes().set(name, { x: Math.round(Math.random() * 100), y: 10 }))

process.once('SIGINT', () => client.close())
