import { eventually, type SignedIn, type StockClient, startTcpProxy } from '@mindfuse/testing'
import { testWith } from '../support/fixtures.ts'

/** Well below the 15 seconds after which clients renew their state by themselves; the machine may be busy. */
const SEEN_AGAIN_MS = 5_000

/** How long a provider may take to notice that it is disconnected, and to connect again, milliseconds. */
const RECONNECTS_MS = 10_000

/** How long a gateway that was killed may count as alive, milliseconds, and for what a busy machine adds. */
const REMOVED_MS = 10_000

const sees = (client: StockClient, other: StockClient) =>
  client.provider.awareness.getStates().get(other.doc.clientID)?.name !== undefined

const allSeeEachOther = (clients: readonly StockClient[], timeoutMs = SEEN_AGAIN_MS) =>
  eventually(
    'all see each other',
    () => clients.every((one) => clients.every((other) => sees(one, other))),
    timeoutMs,
  )

const nobodySees = (client: StockClient, by: readonly StockClient[]) =>
  eventually(
    'nobody sees the client, and it sees nobody',
    () => by.every((one) => !sees(one, client) && !sees(client, one)),
    RECONNECTS_MS,
  )

const hasReconnected = (client: StockClient) =>
  eventually('the client has connected again', () => client.provider.synced, RECONNECTS_MS)

const test = testWith({ gateways: 2 }).extend(
  'present',
  ({ syncedStock }) =>
    /** Opens a client that others see, and that does nothing from then on. */
    async (who: SignedIn, gateway: number | string = 0): Promise<StockClient> => {
      const client = await syncedStock(gateway, who)
      client.provider.awareness.setLocalState({ name: who.user.name })
      return client
    },
)

test.for(['with content', 'without content'])(
  'AW-13: on a board %s, a stock client that was disconnected and those who stayed see each other again',
  async (board, { stack, present, atEnd, ada, alan }) => {
    const network = await startTcpProxy(stack.realtimeUrl)
    atEnd(() => network.stop())
    const others = [await present(alan), await present(ada, 1)]
    const client = await present(ada, network.through(stack.realtimeUrl))
    if (board === 'with content') client.doc.getMap('shapes').set('a', 1)
    await allSeeEachOther([client, ...others])
    for (let i = 0; i < 2; i++) {
      network.refuse()
      await nobodySees(client, others)
      network.pass()
      await hasReconnected(client)
      await allSeeEachOther([client, ...others])
    }
  },
)

test('AW-13: a stock client that was disconnected is seen again when it is back on another gateway', async ({
  stack,
  present,
  atEnd,
  ada,
  alan,
}) => {
  const network = await startTcpProxy(stack.realtimeUrl)
  atEnd(() => network.stop())
  const others = [await present(alan), await present(alan, 1)]
  const client = await present(ada, network.through(stack.realtimeUrl))
  client.doc.getMap('shapes').set('a', 1)
  await allSeeEachOther([client, ...others])
  network.refuse()
  await nobodySees(client, others)
  client.provider.serverUrl = stack.realtimeUrls[1]!
  await hasReconnected(client)
  await allSeeEachOther([client, ...others])
})

test('AW-13: a stock client that disconnects in order is seen again when it connects', async ({
  present,
  ada,
  alan,
}) => {
  const clients = [await present(ada), await present(alan), await present(alan, 1)]
  const [client] = clients as [StockClient]
  client.doc.getMap('shapes').set('a', 1)
  await allSeeEachOther(clients)
  client.provider.disconnect()
  await nobodySees(client, clients.slice(1))
  client.provider.connect()
  await hasReconnected(client)
  await allSeeEachOther(clients)
})

test('AW-13: stock clients see each other again after their gateway restarts', async ({
  stack,
  present,
  ada,
  alan,
}) => {
  const clients = [await present(ada), await present(alan), await present(alan, 1)]
  clients[0]!.doc.getMap('shapes').set('a', 1)
  await allSeeEachOther(clients)
  await stack.restartGateway()
  for (const client of clients) await hasReconnected(client)
  await allSeeEachOther(clients)
})

test('AW-13: stock clients see each other again after their gateway is killed', async ({
  stack,
  present,
  startGateway,
  ada,
  alan,
}) => {
  const doomed = await startGateway()
  const clients = [
    await present(ada, doomed.realtimeUrl),
    await present(alan, doomed.realtimeUrl),
    await present(alan),
  ]
  const [client, , witness] = clients as [StockClient, StockClient, StockClient]
  client.doc.getMap('shapes').set('a', 1)
  await allSeeEachOther(clients)
  let wentAway = false
  witness.provider.awareness.on('change', ({ removed }: { removed: number[] }) => {
    wentAway ||= removed.includes(client.doc.clientID)
  })
  for (const { provider } of clients) provider.serverUrl = stack.realtimeUrl
  await doomed.stop('SIGKILL')
  for (const one of clients) await hasReconnected(one)
  await allSeeEachOther(clients)
  await eventually('the killed gateway is gone', () => wentAway, REMOVED_MS)
  await allSeeEachOther(clients)
})
