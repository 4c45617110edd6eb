import type { Channel, ChannelStatus } from '@mindfuse/client'
import { eventually } from '@mindfuse/testing'
import { joinWorkspace } from './people.ts'
import { testWith } from './sdk-fixtures.ts'
import type { StackOptions } from './stack.ts'

/** A test of the SDK's channels, with a workspace of Ada's that Alan is a member of. */
export const testWithChannelClients = (options: StackOptions = {}) =>
  testWith(options)
    .extend('workspaceId', async ({ stack, as, ada, alan }): Promise<string> => {
      const { id } = (await as(ada, '/api/workspaces', { body: { name: 'Team' } })).body
      await joinWorkspace(stack, id, alan, 'member')
      return id
    })
    .extend('topic', ({ workspaceId }) => `workspace:${workspaceId}` as const)

/** Subscribes a channel. @returns what it reported, which grows, once that is `SUBSCRIBED` */
export async function subscribed(channel: Channel): Promise<[ChannelStatus, string?][]> {
  const reports: [ChannelStatus, string?][] = []
  channel.subscribe((status, error) => {
    reports.push(error ? [status, error.code] : [status])
  })
  await eventually(`${channel.topic} is subscribed`, () => channel.state === 'joined')
  return reports
}

/** Resolves once the channel, which is subscribed, has lost its connection: it may be back soon. */
export function lost(channel: Channel | undefined): Promise<void> {
  return new Promise((resolve) => {
    channel?.subscribe((status) => {
      if (status === 'CHANNEL_ERROR') resolve()
    })
  })
}
