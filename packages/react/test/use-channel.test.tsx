import { MindfuseProvider, type UsedChannel, useChannel } from '@mindfuse/react'
import { type ReactNode, StrictMode } from 'react'
import { expect } from 'vitest'
import { createCountingWebSocket } from '../../../test/support/sdk.ts'
import { test as base, Uses } from './fixtures.ts'

const test = base
  .extend('counting', ({ task: _ }) => createCountingWebSocket())
  .extend('client', ({ connect, ada, counting }) =>
    connect(ada, { environment: { WebSocket: counting.WebSocket } }),
  )
  .extend('topic', ({ boardId }) => `board:${boardId}` as const)
  /** Alan's channel, in which he is present. */
  .extend('alans', async ({ connect, alan, topic }) => {
    const channel = connect(alan).channel(topic, { presence: { key: 'alan' } })
    channel.subscribe()
    await channel.track({ at: 'home' })
    return channel
  })

test('all components share one subscription, also in StrictMode, until the last is gone', async ({
  show,
  client,
  topic,
  alans,
  counting,
}) => {
  const used: UsedChannel[] = []
  const one = (index: number) => () => {
    used[index] = useChannel(topic, { presence: { key: 'ada' } })
    return null
  }
  const all = (indexes: number[]): ReactNode => (
    <StrictMode>
      <MindfuseProvider client={client}>
        {indexes.map((index) => (
          <Uses key={index} hook={one(index)} />
        ))}
      </MindfuseProvider>
    </StrictMode>
  )
  const page = show(all([0, 1]))
  await expect.poll(() => used.map(({ status }) => status)).toEqual(['SUBSCRIBED', 'SUBSCRIBED'])
  expect(used[0]?.channel).toBe(used[1]?.channel)
  await expect.poll(() => Object.keys(used[1]?.presence ?? {})).toEqual(['alan'])
  await used[0]?.channel?.track({ at: 'work' })
  await expect.poll(() => used[1]?.presence.ada).toMatchObject([{ at: 'work' }])
  await expect.poll(() => Object.keys(alans.presenceState()).sort()).toEqual(['ada', 'alan'])

  page.rerender(all([1]))
  await alans.untrack()
  await expect.poll(() => Object.keys(used[1]?.presence ?? {})).toEqual(['ada'])
  expect(client.getChannels()).toEqual([used[1]?.channel])
  page.unmount()
  await expect.poll(() => client.getChannels()).toEqual([])
  await expect.poll(() => alans.presenceState()).toEqual({})
  expect(counting.counted.attempts).toBe(1)
})

test('a refusal is said, and options are those of the first component', async ({
  show,
  client,
  boardId,
}) => {
  let used: UsedChannel | undefined
  const page = (topic: `board:${string}`, key: string) => (
    <MindfuseProvider client={client}>
      <Uses
        key={topic}
        hook={() => {
          used = useChannel(topic, { presence: { key } })
          return null
        }}
      />
    </MindfuseProvider>
  )
  const shown = show(page(`board:${crypto.randomUUID()}`, 'ada'))
  await expect.poll(() => used?.status).toBe('CHANNEL_ERROR')
  expect(used?.error?.code).toBe('channel_not_found')
  shown.rerender(page(`board:${boardId}`, 'first'))
  await expect.poll(() => used?.status).toBe('SUBSCRIBED')
  shown.rerender(page(`board:${boardId}`, 'second'))
  await used?.channel?.track({})
  await expect.poll(() => Object.keys(used?.presence ?? {})).toEqual(['first'])
})
