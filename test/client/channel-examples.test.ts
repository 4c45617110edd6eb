import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { eventually } from '@mindfuse/testing'
import { expect } from 'vitest'
import { lost, subscribed, testWithChannelClients } from '../support/channel-clients.ts'
import { addressOf } from '../support/sdk-fixtures.ts'

const PAGE = fileURLToPath(new URL('../../docs/CHANNELS.md', import.meta.url))

/** The examples of the page, by their headings. */
const EXAMPLES = new Map(
  Array.from(
    readFileSync(PAGE, 'utf8').matchAll(/^### (?<title>\d\. .*?)\n\n```js\n(?<code>.*?)^```$/gms),
    ({ groups }) => [groups?.title ?? '', groups?.code ?? ''] as const,
  ),
)

const AsyncFunction = Object.getPrototypeOf(async () => undefined).constructor

const test = testWithChannelClients({ gateways: 2 })
  .extend('proxy', ({ startProxy }) => startProxy())
  .extend('adas', ({ connect, ada, stack, proxy }) => connect(ada, {}, addressOf(stack, proxy)))
  .extend('alans', ({ connect, alan, stack }) => {
    return connect(alan, {}, { ...stack, realtimeUrl: stack.realtimeUrls[1] as string })
  })
  /** Runs an example as it is on the page. @returns what it shows, which grows */
  .extend('run', ({ adas, alans, topic, proxy }) => async (title: string) => {
    const code = EXAMPLES.get(title)
    if (code === undefined) throw new Error(`docs/CHANNELS.md has no example “${title}”`)
    const shown: unknown[] = []
    const scope = {
      ...{ ada: adas, alan: alans, topic },
      show: (value: unknown) => shown.push(value),
      loseConnection: async () => {
        const isLost = lost(adas.getChannels()[0])
        proxy.cut()
        await isLost
      },
    }
    await new AsyncFunction(...Object.keys(scope), code)(...Object.values(scope))
    return shown
  })
  .extend('shows', ({ run }) => async (title: string, ...expected: unknown[]) => {
    const shown = await run(title)
    await eventually(`“${title}” shows ${JSON.stringify(expected)}`, () => {
      expect(shown).toEqual(expected)
      return true
    })
  })

test('the page has eight examples', () => {
  expect(EXAMPLES.size).toBe(8)
})

test('subscribe and be told', async ({ shows }) => {
  await shows('1. Subscribe', 'SUBSCRIBED')
})

test('a broadcast reaches another person', async ({ shows }) => {
  await shows('2. A broadcast from one person to another', 'Ada: Good morning')
})

test('a broadcast is received by its sender, and confirmed', async ({ run }) => {
  const shown = await run('3. Receive your own broadcasts, and know that they were sent')
  await eventually('both are shown', () => shown.length === 2)
  expect(shown).toEqual(expect.arrayContaining(['ok', 'ring noon']))
})

test('the other sees who comes and goes', async ({ run, adas }) => {
  const shown = await run('4. Who comes and goes')
  await eventually('she is there', () => shown.length === 3)
  expect(shown).toEqual([[], 'ada at home', ['ada']])
  await adas.removeAllChannels()
  await eventually('she is gone', () => shown.length === 5)
  expect(shown.slice(3)).toEqual(['ada left home', []])
})

test('everyone who is there is listed by key', async ({ run, ada }) => {
  const shown = await run('5. Who is here')
  const { id, name } = ada.user
  const present = {
    at: 'home',
    presence_ref: expect.any(String),
    presence_user: { id, name },
  }
  await eventually('she is listed', () => shown.length === 2)
  expect(shown).toEqual([{}, { ada: [present] }])
})

test('she is present no longer, and gone', async ({ run, adas, alans, topic }) => {
  const channel = alans.channel(topic)
  await subscribed(channel)
  expect(await run('6. Go')).toEqual(['SUBSCRIBED', 'ok', 'CLOSED', 'ok'])
  expect(adas.getChannels()).toEqual([])
  await eventually('nobody is there', () => Object.keys(channel.presenceState()).length === 0)
})

test('a broadcast is sent over HTTP', async ({ run, adas }) => {
  const shown = await run('7. Send without a socket')
  await eventually('both are shown', () => shown.length === 2)
  expect(shown).toEqual(expect.arrayContaining(['Lunch', { success: true }]))
  expect(adas.getChannels().map(({ state }) => state)).toEqual(['closed'])
})

test('what was sent while the connection was lost arrives, and she is present again', async ({
  shows,
  alans,
  topic,
}) => {
  const channel = alans.channel(topic)
  const late: unknown[] = []
  channel.on('broadcast', { event: 'late' }, ({ payload }) => late.push(payload))
  await subscribed(channel)
  await shows('8. A lost connection', 'SUBSCRIBED', 'CHANNEL_ERROR', 'SUBSCRIBED', 'ok')
  await eventually('it arrives', () => late.length > 0)
  expect(late).toEqual(['but sent'])
  await eventually('she is present', () => channel.presenceState().ada?.[0]?.at === 'home')
})
