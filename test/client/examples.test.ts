import { expect } from 'vitest'
import { startProcess } from '../support/process.ts'
import { test } from '../support/sdk-fixtures.ts'

test.for(['examples/sdk-client.mjs', 'examples/yjs-client.mjs'])(
  'two people draw on one board with %s',
  async (example, { ada, alan, boardId, stack }) => {
    const people = [ada, alan]
    const processes = people.map(({ accessToken, user }) =>
      startProcess(
        example,
        {
          TOKEN: accessToken,
          BOARD: boardId,
          API_URL: stack.apiUrl,
          REALTIME_URL: stack.realtimeUrl,
        },
        { args: [user.id] },
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
