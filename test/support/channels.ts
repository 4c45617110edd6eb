import { type ChannelClient, connectChannels, type SignedIn } from '@mindfuse/testing'
import { testWith } from './fixtures.ts'
import { joinWorkspace } from './people.ts'
import type { StackOptions } from './stack.ts'

/** A test with a workspace of Ada's that Alan is a member of, and clients that join channels. */
export const testWithChannels = (options: StackOptions = {}) =>
  testWith(options)
    .extend('workspaceId', async ({ stack, as, ada, alan }): Promise<string> => {
      const { id } = (await as(ada, '/api/workspaces', { body: { name: 'Team' } })).body
      await joinWorkspace(stack, id, alan, 'member')
      return id
    })
    .extend('topic', ({ workspaceId }) => `workspace:${workspaceId}`)
    /** Connects to a gateway, by its number, and joins channels. */
    .extend(
      'connect',
      ({ realtimeUrls, atEnd }) =>
        async (
          who: Pick<SignedIn, 'accessToken'>,
          { gateway = 0, join = [] }: { gateway?: number; join?: string[] } = {},
        ): Promise<ChannelClient> => {
          const realtimeUrl = realtimeUrls[gateway] ?? ''
          const client = await connectChannels({ realtimeUrl, token: who.accessToken })
          atEnd(() => client.destroy())
          for (const topic of join) await client.ask({ type: 'channel:join', topic })
          return client
        },
    )
