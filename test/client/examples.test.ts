import type { SignedIn } from '@mindfuse/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTeam } from '../support/people.ts'
import { startProcess } from '../support/process.ts'
import { type Stack, startStack } from '../support/stack.ts'

let stack: Stack
let people: SignedIn[]
let newBoard: () => Promise<string>

beforeAll(async () => {
  stack = await startStack()
  ;({ people, newBoard } = await createTeam(stack, 2))
})
afterAll(() => stack.stop())

test.each(['examples/sdk-client.mjs', 'examples/yjs-client.mjs'])(
  'two people draw on one board with %s',
  async (example) => {
    const boardId = await newBoard()
    const processes = people.map(({ accessToken, user }) =>
      startProcess(
        example,
        {
          TOKEN: accessToken,
          BOARD: boardId,
          API_URL: stack.apiUrl,
          REALTIME_URL: stack.realtimeUrl,
        },
        [user.id],
      ),
    )
    const [first, second] = people.map(({ user }) => user.id)
    for (const running of processes) {
      await running.untilPrinted(new RegExp(`${first}.*${second}|${second}.*${first}`))
    }
    if (example.includes('sdk')) {
      for (const running of processes) await running.untilPrinted(/^saved$/m)
    }
    for (const running of processes) expect(await running.stop('SIGINT')).toBe(0)
  },
)
