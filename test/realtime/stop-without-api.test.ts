import { eventually } from '@mindfuse/testing'
import { expect } from 'vitest'
import { test } from '../support/fixtures.ts'

const SHAPES = 20

test('STOP-2: a gateway that cannot store reports how much and exits, and another stores what it received', async ({
  annotate,
  startGateway,
  syncedStock,
  ada,
  alan,
  stack,
  readStored,
}) => {
  const gateway = await startGateway()
  const reader = await syncedStock(0, ada)
  const writer = await syncedStock(gateway.realtimeUrl, alan)

  await stack.stopApi()
  const shapes = writer.doc.getMap('shapes')
  for (let i = 0; i < SHAPES; i++) shapes.set(`shape-${i}`, i)
  await eventually('they are relayed', () => reader.doc.getMap('shapes').size === SHAPES)
  const signalledAt = performance.now()
  const exited = gateway.stop('SIGTERM')
  // It would come back, to the other gateway in life, and bring everything.
  await eventually('it is sent away', () => !writer.provider.wsconnected)
  writer.destroy()
  expect(await exited).toBe(1)
  await annotate(`exited ${Math.round(performance.now() - signalledAt)} ms after the signal`)
  const [, bytes] = await gateway.untilPrinted(/"unsavedBytes":(\d+).*before all edits were stored/)
  expect(Number(bytes)).toBeGreaterThan(0)

  await stack.startApi()
  const expected = Object.fromEntries(Array.from({ length: SHAPES }, (_, i) => [`shape-${i}`, i]))
  await eventually('the other gateway stores them', async () => {
    expect(await readStored()).toEqual(expected)
    return true
  })
})
