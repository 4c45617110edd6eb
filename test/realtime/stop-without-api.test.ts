import { connectStockClient, eventually, type StockClient } from '@mindfuse/testing'
import { expect, test } from 'vitest'
import { startGatewayProcess } from '../support/gateway-process.ts'
import { createTeam, storedShapes } from '../support/people.ts'
import { startStack } from '../support/stack.ts'

const SHAPES = 20

test('STOP-2: a gateway that cannot store says how much and ends, and another stores what it heard', async ({
  annotate,
}) => {
  const stack = await startStack()
  const { people, boardId } = await createTeam(stack, 2)
  const gateway = await startGatewayProcess(stack)
  const [reader, writer] = [stack.realtimeUrl, gateway.realtimeUrl].map((realtimeUrl, i) =>
    connectStockClient({ realtimeUrl, boardId, token: people[i]!.accessToken }),
  ) as [StockClient, StockClient]
  await Promise.all([reader.synced(), writer.synced()])

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
    expect(await storedShapes(stack, boardId)).toEqual(expected)
    return true
  })
  reader.destroy()
  await stack.stop()
})
