// A product with users of its own, and a board inside it. It needs a key of a workspace with the scopes
// boards:write and tokens:create. Run it from the repository's root, after `npm run build`, beside `npm start`:
//   KEY=mf_… WORKSPACE=… node examples/embed/server.mjs
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const { KEY = '', WORKSPACE = '', PORT = '8090' } = process.env
const { API_URL = 'http://localhost:8080', REALTIME_URL = 'ws://localhost:8081/ws' } = process.env
const here = (name) => fileURLToPath(new URL(name, import.meta.url))

/** Calls Mindfuse with the key, which never leaves this server. */
async function mindfuse(method, path, body) {
  const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' }
  const response = await fetch(API_URL + path, { method, headers, body: JSON.stringify(body) })
  const answer = await response.json()
  if (!response.ok) throw new Error(`${path}: ${answer.detail}`)
  return answer
}

/** Who is signed in to the product. A real one has sessions: here a cookie says whatever the browser likes. */
function userOf(request) {
  const [, name] = /(?:^|;\s*)user=([^;]+)/.exec(request.headers.cookie ?? '') ?? []
  return name && decodeURIComponent(name)
}

/** The board of the product's only document, made when first needed. */
const findBoard = () =>
  mindfuse('PUT', `/api/workspaces/${WORKSPACE}/boards/by-key/document-1`, { name: 'Document 1' })

/** What the page's `getToken` receives: a token for who is signed in, on the boards that they may see. */
async function mintToken(name) {
  const { id } = await findBoard()
  const user = { externalId: name, name }
  const minted = await mindfuse('POST', '/api/auth/tokens', { user, boards: { [id]: 'editor' } })
  const { accessToken, expiresAt } = minted
  return { accessToken, expiresAt, userId: minted.user.id }
}

const [{ output }] = await build({
  configFile: false,
  logLevel: 'silent',
  build: { write: false, lib: { entry: here('page.js'), formats: ['es'], fileName: 'page' } },
})
const page = await readFile(here('page.html'), 'utf8')

async function answer(request) {
  const name = userOf(request)
  switch (`${request.method} ${request.url}`) {
    case 'GET /':
      return { type: 'text/html', body: page }
    case 'GET /page.js':
      return { type: 'text/javascript', body: output[0].code }
    case 'GET /config':
      return json({ apiUrl: API_URL, realtimeUrl: REALTIME_URL, boardId: (await findBoard()).id })
    case 'POST /mindfuse-token':
      return name === undefined ? { status: 401 } : json(await mintToken(name))
    default:
      return { status: 404 }
  }
}

const json = (value) => ({ type: 'application/json', body: JSON.stringify(value) })

const server = createServer(async (request, response) => {
  const {
    status = 200,
    type = 'text/plain',
    body = '',
  } = await answer(request).catch((error) => {
    process.stderr.write(`${error.message}\n`)
    return { status: 502 }
  })
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body)
})
server.listen(Number(PORT), 'localhost', () => {
  process.stdout.write(`Open http://localhost:${server.address().port}\n`)
})
