// Joins a board with the stock y-websocket provider, adds a shape, and prints the board after
// each change. Run it from the repository's root, after `npm install`, in two terminals:
//   TOKEN=… BOARD=… node examples/yjs-client.mjs ada
//   TOKEN=… BOARD=… node examples/yjs-client.mjs alan
import WebSocket from 'ws'
import { WebsocketProvider } from 'y-websocket'
import { Doc } from 'yjs'

const { TOKEN = '', BOARD = '', REALTIME_URL = 'ws://localhost:8081/ws' } = process.env
const [name = 'ada'] = process.argv.slice(2)
const print = (line) => process.stdout.write(`${line}\n`)

const doc = new Doc()
const shapes = doc.getMap('shapes')
const provider = new WebsocketProvider(REALTIME_URL, BOARD, doc, {
  params: { token: TOKEN },
  WebSocketPolyfill: WebSocket,
})

provider.on('status', ({ status }) => print(status))
provider.on('connection-error', ({ message }) => print(message))
shapes.observe(() => print(JSON.stringify(shapes)))
provider.once('sync', () => shapes.set(name, { x: Math.round(Math.random() * 100), y: 10 }))

process.once('SIGINT', () => {
  provider.destroy()
  doc.destroy()
})
