import { createHash, randomBytes } from 'node:crypto'
import { request } from 'node:http'
import { createBoard, signIn } from '@mindfuse/testing'
import { median, startApiProcess } from './api-process.ts'

const MIB = 1024 * 1024
const ROUNDS = 5

/** How many files a round sends and reads, how many at a time, and how large each is. */
const FILES = 40
const AT_ONCE = 8
const BYTES = 5 * MIB

/** What is compared with each other: with the first of each. */
const GROUPS = [
  ['bare route, with SHA-256 and fsync', 'bare route, to disk alone', 'PUT …/assets/:digest'],
  ['`@fastify/static`', 'GET …/assets/:digest'],
] as const

/** What is measured: one request of each is one file. */
type Transfer = (i: number) => Promise<void>

/**
 * Files through the API beside a bare stream to disk and `@fastify/static`, all in one process, on one disk, in one run.
 * The rounds alternate, so that whatever else the machine does falls on all of them.
 */
async function main(): Promise<void> {
  const server = await startApiProcess()
  try {
    const { apiUrl, bareUrl } = server
    const { accessToken } = await signIn(apiUrl, 'ada@example.com')
    const headers = { authorization: `Bearer ${accessToken}` }
    const boards: string[] = []
    const uploaded: string[] = []
    const asset = (boardId: string, digest: string) =>
      `${apiUrl}/api/boards/${boardId}/assets/${digest}`
    const transfers: Record<string, Transfer> = {
      'bare route, to disk alone': () =>
        transfer('PUT', `${bareUrl}/files/${newFile().digest}`, {}),
      'bare route, with SHA-256 and fsync': () =>
        transfer('PUT', `${bareUrl}/checked/${newFile().digest}`, {}),
      'PUT …/assets/:digest': async () => {
        const file = newFile()
        const url = asset(boards.at(-1) ?? '', file.digest)
        await transfer('PUT', url, headers, file.end)
        uploaded.push(url)
      },
      '`@fastify/static`': (i) => transfer('GET', `${bareUrl}/files/${i % AT_ONCE}`, {}),
      'GET …/assets/:digest': (i) => transfer('GET', uploaded[i % AT_ONCE] ?? '', headers),
    }
    for (let i = 0; i < AT_ONCE; i++) await transfer('PUT', `${bareUrl}/files/${i}`, {})
    const rates = new Map<string, number[]>()
    for (let round = 0; round <= ROUNDS; round++) {
      // A board may have files of 1 GiB.
      boards.push(await createBoard(apiUrl, accessToken))
      for (const [name, one] of Object.entries(transfers)) {
        const seconds = await secondsOf(one)
        // The first round warms up.
        if (round > 0)
          rates.set(name, [...(rates.get(name) ?? []), (FILES * BYTES) / MIB / seconds])
      }
    }
    report(rates)
  } finally {
    await server.stop()
  }
}

/** All files begin with these bytes, and each ends with others. */
const beginning = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), randomBytes(BYTES)])
const hash = createHash('sha256').update(beginning)

function newFile() {
  const end = randomBytes(16)
  return { end, digest: hash.copy().update(end).digest('hex') }
}

async function secondsOf(transferOne: Transfer): Promise<number> {
  const startedAt = performance.now()
  let next = 0
  const work = async () => {
    while (next < FILES) await transferOne(next++)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return (performance.now() - startedAt) / 1_000
}

/** Sends a file, or reads one and forgets it. @throws Error for any other answer than 200 and 201 */
function transfer(
  method: 'GET' | 'PUT',
  url: string,
  headers: Record<string, string>,
  end = randomBytes(16),
): Promise<void> {
  const length = { 'content-length': `${beginning.length + end.length}` }
  const type = { 'content-type': 'image/png' }
  return new Promise((resolve, reject) => {
    const sending = request(url, {
      method,
      headers: method === 'PUT' ? { ...headers, ...length, ...type } : headers,
    })
    sending.once('response', (answer) => {
      answer.once('error', reject).resume()
      answer.once('end', () => {
        const isGood = answer.statusCode === 200 || answer.statusCode === 201
        if (isGood) resolve()
        else reject(new Error(`${method} ${url} was answered with ${answer.statusCode}`))
      })
    })
    sending.once('error', reject)
    if (method === 'PUT') sending.write(beginning)
    sending.end(method === 'PUT' ? end : undefined)
  })
}

function report(rates: Map<string, number[]>): void {
  const lines = ['| transfer | MiB/s | ratio to the first |', '|---|---|---|']
  for (const group of GROUPS) {
    const base = median(rates.get(group[0]) ?? [])
    for (const name of group) {
      const rate = median(rates.get(name) ?? [])
      lines.push(`| ${name} | ${Math.round(rate)} | ${(rate / base).toFixed(2)} |`)
    }
  }
  process.stdout.write(`${lines.join('\n')}\n`)
}

await main()
