import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import type { Board, Client } from '@mindfuse/client'
import { createBoard, type SignedIn, signIn } from '@mindfuse/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { connectSdk } from '../support/sdk.ts'
import { type Stack, startStack } from '../support/stack.ts'

const README = new URL('../../packages/client/README.md', import.meta.url)

/** Each block of JavaScript with the lines it stands at; what it imports is there already. */
const blocks = [...readFileSync(README, 'utf8').matchAll(/^```js\n(.*?)^```$/gms)].map((match) => ({
  line: match.input.slice(0, match.index).split('\n').length,
  code: (match[1] ?? '').replace(/^import .*$/gm, ''),
}))

const AsyncFunction = Object.getPrototypeOf(async () => undefined).constructor

let stack: Stack
let ada: SignedIn
let client: Client
let board: Board
const clients: Client[] = []

beforeAll(async () => {
  stack = await startStack()
  ada = await signIn(stack.apiUrl, 'ada@example.com')
})
afterAll(() => stack.stop())
beforeEach(async () => {
  client = connect()
  board = client.board(await createBoard(stack.apiUrl, ada.accessToken))
  await board.whenSynced()
})
afterEach(async () => {
  await Promise.all(clients.splice(0).map((one) => one.close()))
})

function connect(): Client {
  const connected = connectSdk(stack, ada)
  clients.push(connected)
  return connected
}

describe('packages/client/README.md', () => {
  test('has examples', () => {
    expect(blocks.length).toBeGreaterThan(8)
  })

  test.each(blocks)('the example at line $line runs', async ({ code }) => {
    const shown: unknown[] = []
    const scope = {
      assert,
      board,
      boardId: board.id,
      client,
      // The addresses in the README are nobody's.
      createClient: connect,
      drawCursor: (...drawn: unknown[]) => shown.push(drawn),
      offerDownload: (doc: unknown) => shown.push(doc),
      render: (doc: unknown) => shown.push(doc),
      show: (text: unknown) => shown.push(text),
      userId: ada.user.id,
      window: new EventTarget(),
    }
    // A block that names its own client or board gets one of its own.
    const names = Object.keys(scope).filter((name) => !code.includes(`const ${name} =`))
    const run = new AsyncFunction(...names, code)
    await run(...names.map((name) => scope[name as keyof typeof scope]))
  })

  test('names every method and event', () => {
    const text = readFileSync(README, 'utf8')
    const members = (object: object) =>
      Object.getOwnPropertyNames(object).filter((name) => name !== 'constructor')
    const names = [
      ...members(client),
      ...members(Object.getPrototypeOf(board)).filter((name) => name !== 'wake'),
      ...Object.values(client.api).flatMap((group) =>
        typeof group === 'object' ? members(group) : [],
      ),
      'update',
      'viewport',
      'others',
    ]
    const missing = names.filter((name) => !new RegExp(`\\b${name}\\b`).test(text))
    expect(missing).toEqual([])
  })
})
