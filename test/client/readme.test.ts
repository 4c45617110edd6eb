import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { describe, expect } from 'vitest'
import { test as base } from '../support/sdk-fixtures.ts'

const README = new URL('../../packages/client/README.md', import.meta.url)

/** Each block of JavaScript with the lines it stands at; what it imports is there already. */
const blocks = [...readFileSync(README, 'utf8').matchAll(/^```js\n(.*?)^```$/gms)].map((match) => ({
  line: match.input.slice(0, match.index).split('\n').length,
  code: (match[1] ?? '').replace(/^import .*$/gm, ''),
}))

const AsyncFunction = Object.getPrototypeOf(async () => undefined).constructor

const test = base
  .extend('client', ({ connect, ada }) => connect(ada))
  .extend('board', async ({ client, boardId }) => {
    const board = client.board(boardId)
    await board.whenSynced()
    return board
  })

describe('packages/client/README.md', () => {
  test('has examples', () => {
    expect(blocks.length).toBeGreaterThan(8)
  })

  test.for(blocks)(
    'the example at line $line runs',
    async ({ code }, { board, client, connect, ada }) => {
      const shown: unknown[] = []
      const scope = {
        assert,
        board,
        boardId: board.id,
        client,
        // The addresses in the README are nobody's.
        createClient: () => connect(ada),
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
    },
  )

  test('names every method and event', ({ client, board }) => {
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
