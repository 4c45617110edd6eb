import { callApi, connectStockClient, connectWhiteboard, eventually } from '@mindfuse/testing'
import { Redis } from 'ioredis'
import { expect } from 'vitest'
import { testWithTeam } from '../support/fixtures.ts'

/** What docs say is used: commands that Dragonfly has, and that work there as elsewhere. */
const ALLOWED = new Set(
  `publish subscribe unsubscribe
   hset hdel hgetall sadd srem smembers set get expire del
   eval ping info client select quit`.match(/\S+/g),
)
/** INCRBY is sent by a script alone: its window has to begin in the same step. */
const ALLOWED_IN_SCRIPTS = new Set('incrby pexpire pttl'.split(' '))

interface Command {
  name: string
  args: string[]
  isFromScript: boolean
}

const seen: Command[] = []
const test = testWithTeam(3)
  .extend('monitor', { scope: 'file' }, async ({ redis }, { onCleanup }) => {
    const client = new Redis(redis.url)
    const monitor = (await client.monitor()) as Redis
    onCleanup(() => monitor.disconnect())
    client.disconnect()
    monitor.on('monitor', (_time: string, [name = '', ...args]: string[], source: string) => {
      seen.push({ name: name.toLowerCase(), args, isFromScript: source === 'lua' })
    })
    return monitor
  })
  // After the monitor: its client takes a command that comes with the answer to MONITOR for an answer.
  .extend('stackOptions', { scope: 'file' }, ({ redis, monitor: _monitor }) => ({
    gateways: 2,
    redisUrl: redis.url,
  }))

test('only commands that work on Dragonfly are sent, and scripts declare keys of one slot', async ({
  people,
  stack,
  boardId,
  person,
}) => {
  const [owner, editor, leaver] = people.map(({ accessToken }) => accessToken)
  const [first = '', second = ''] = stack.realtimeUrls
  const call = (token: string | undefined, method: string, path: string, body?: unknown) =>
    callApi(`${stack.apiUrl}${path}`, { token: token!, method, body })

  const one = await connectWhiteboard({ realtimeUrl: first, boardId, token: owner! })
  const two = await connectWhiteboard({ realtimeUrl: second, boardId, token: editor! })
  const stock = connectStockClient({ realtimeUrl: second, boardId, token: leaver! })
  await stock.synced()
  stock.provider.awareness.setLocalState({ name: 'stock' })
  stock.doc.getMap('shapes').set('a', 1)
  two.say({ type: 'presence:update', cursor: { x: 1, y: 2 }, selection: [] })
  await one.heard('presence:sync', ({ presences }) =>
    presences.some(({ cursor }) => cursor?.x === 1),
  )
  const hasRow = () =>
    stack.database.query('SELECT FROM board_updates WHERE board_id = $1', [boardId])
  await eventually('the edit is stored', async () => (await hasRow()).length > 0)

  await eventually('presence is written behind', () => seen.some(({ name }) => name === 'hset'))

  const member = `/api/boards/${boardId}/members/${people[1]!.user.id}`
  expect((await call(owner, 'PUT', member, { role: 'viewer' })).status).toBeLessThan(300)
  await two.heard('role:changed', ({ role }) => role === 'viewer')
  expect(
    (await call(owner, 'POST', `/api/boards/${boardId}/invite`, { role: 'editor' })).status,
  ).toBe(201)
  expect((await call(leaver, 'POST', '/api/auth/logout')).status).toBeLessThan(300)
  await eventually('the leaver is out', () => !stock.provider.wsconnected)
  stock.destroy()
  expect((await call(owner, 'DELETE', member)).status).toBeLessThan(300)
  await two.closeCode()
  await person('late')
  await stack.restartGateway(1)
  const back = await connectWhiteboard({ realtimeUrl: second, boardId, token: owner! })
  await eventually('the board is loaded', () => back.frames.length > 0)
  back.destroy()
  one.destroy()
  await eventually('presence is cleared away', () => seen.some(({ name }) => name === 'hdel'))

  const refused = seen.filter(
    ({ name, isFromScript }) => !(isFromScript ? ALLOWED_IN_SCRIPTS : ALLOWED).has(name),
  )
  expect(refused).toEqual([])
  // The scenario went through all of it, or the watch saw nothing.
  const names = new Set(seen.map(({ name }) => name))
  for (const name of 'publish subscribe get set hset hgetall sadd eval incrby'.split(' ')) {
    expect(names).toContain(name)
  }

  let declared: string[] = []
  const undeclared: Command[] = []
  for (const command of seen) {
    const { name, args, isFromScript } = command
    if (name === 'eval') {
      declared = args.slice(2, 2 + Number(args[1]))
      expect(new Set(declared.map(slotOf)).size, `keys of one script: ${declared}`).toBe(1)
    } else if (isFromScript && !declared.includes(args[0] ?? '')) {
      undeclared.push(command)
    }
  }
  expect(undeclared).toEqual([])
})

/** What decides on a key's slot: its hash tag, or all of it. */
function slotOf(key: string): string {
  return /\{([^}]+)\}/.exec(key)?.[1] ?? key
}
