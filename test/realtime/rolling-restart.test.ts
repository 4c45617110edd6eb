import { connect } from 'node:net'
import { CLOSE_CODES } from '@mindfuse/protocol'
import { connectStockClient, eventually } from '@mindfuse/testing'
import { expect } from 'vitest'
import { testWithTeam } from '../support/fixtures.ts'
import { type GatewayProcess, startGatewayProcess } from '../support/gateway-process.ts'
import { storedShapes } from '../support/people.ts'
import { ReconnectingClient } from '../support/reconnecting-client.ts'

const DRAWERS = 12
const PROMPT_EXIT_MS = 5_000

const test = testWithTeam(DRAWERS + 2, { gateways: 0 })
  .extend('gateways', { scope: 'file' }, async ({ stack }, { onCleanup }) => {
    const gateways = await Promise.all([0, 1].map(() => startGatewayProcess(stack)))
    onCleanup(async () => {
      await Promise.all(gateways.map((gateway) => gateway.stop('SIGKILL')))
    })
    return gateways
  })
  .extend('sharedBoard', { scope: 'file' }, ({ newBoard }) => newBoard())
  .extend('addressOf', { scope: 'file' }, ({ gateways, sharedBoard, people }) => (i: number) => ({
    realtimeUrl: gateways[i % 2]!.realtimeUrl,
    boardId: sharedBoard,
    token: people[i]!.accessToken,
  }))
  .extend('drawers', { scope: 'file' }, ({ addressOf }, { onCleanup }) => {
    const drawers = Array.from({ length: DRAWERS }, (_, i) => new ReconnectingClient(addressOf(i)))
    onCleanup(() => {
      for (const drawer of drawers) drawer.destroy()
    })
    return drawers
  })
  .extend('stockClients', { scope: 'file' }, ({ addressOf }, { onCleanup }) => {
    const clients = [DRAWERS, DRAWERS + 1].map((i) => connectStockClient(addressOf(i)))
    onCleanup(() => {
      for (const client of clients) client.destroy()
    })
    return clients
  })

const portOf = ({ realtimeUrl }: GatewayProcess) => Number(new URL(realtimeUrl).port)

function refuses(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('error', () => resolve(true))
    socket.once('connect', () => {
      socket.destroy()
      resolve(false)
    })
  })
}

test('STOP-1 STOP-7: a rolling restart under load loses nothing and tells everybody when to return', async ({
  annotate,
  drawers,
  stockClients,
  gateways,
  stack,
  sharedBoard,
}) => {
  const areConnected = () =>
    drawers.every((drawer) => drawer.isConnected) &&
    stockClients.every(({ provider }) => provider.wsconnected && provider.synced)
  await eventually('all are connected', areConnected)

  let turn = 0
  const load = setInterval(() => {
    turn++
    for (const [i, drawer] of drawers.entries()) drawer.draw(`drawer-${i}-${turn}`)
    for (const [i, { doc }] of stockClients.entries()) {
      doc.getMap('shapes').set(`stock-${i}-${turn}`, true)
    }
  }, 25)
  try {
    for (const [i, gateway] of gateways.entries()) {
      await eventually('edits are being saved', () =>
        drawers.every(({ saved }) => saved.size > 10 * (i + 1)),
      )
      const port = portOf(gateway)
      const signalledAt = performance.now()
      expect(await gateway.stop('SIGTERM')).toBe(0)
      const exitMs = performance.now() - signalledAt
      await annotate(`gateway ${i} exited after ${Math.round(exitMs)} ms`)
      expect(exitMs).toBeLessThan(PROMPT_EXIT_MS)
      expect(await refuses(port)).toBe(true)
      gateways[i] = await startGatewayProcess(stack, { port })
      await eventually('all have returned', areConnected)
    }
  } finally {
    clearInterval(load)
  }

  const stoppedAt = performance.now()
  const expected = new Set<string>()
  for (let t = 1; t <= turn; t++) {
    for (let i = 0; i < DRAWERS; i++) expected.add(`drawer-${i}-${t}`)
    for (const i of stockClients.keys()) expected.add(`stock-${i}-${t}`)
  }
  const missing = (shapes: Record<string, unknown>) =>
    [...expected].filter((shape) => !(shape in shapes))
  await eventually('all is stored', async () => {
    return missing(await storedShapes(stack, sharedBoard)).length === 0
  })
  for (const { doc } of [...drawers, ...stockClients]) {
    await eventually('all is on every screen', () => {
      return missing(doc.getMap('shapes').toJSON()).length === 0
    })
  }
  await annotate(
    `${expected.size} edits everywhere ${Math.round(performance.now() - stoppedAt)} ms after the last`,
  )
  // Each was said to be saved, too, and none before it was: all are stored.
  await eventually('all is acknowledged', () => drawers.every(({ saved }) => saved.size === turn))

  for (const { goodbyes } of drawers) {
    expect(goodbyes).toEqual([
      { code: CLOSE_CODES.SERVICE_RESTART, retryAfterMs: expect.any(Number) },
    ])
  }
  const delays = drawers.map(({ goodbyes }) => goodbyes[0]?.retryAfterMs ?? 0)
  expect(new Set(delays).size).toBeGreaterThan(DRAWERS / 2)
  expect(Math.max(...delays) - Math.min(...delays)).toBeGreaterThan(500)
})

test('ACK-3: an edit that was acknowledged is stored, whatever becomes of the gateway right after', async ({
  drawers,
  gateways,
  stack,
  sharedBoard,
}) => {
  const drawer = drawers[0]!
  const before = new Set(drawer.saved)
  drawer.draw('the last')
  await eventually('it is acknowledged', () => drawer.saved.has('the last'))
  await gateways[0]!.stop('SIGKILL')
  const stored = await storedShapes(stack, sharedBoard)
  for (const shape of [...before, 'the last']) expect(stored).toHaveProperty(shape)
})
