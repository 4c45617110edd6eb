import { MAX_BOARD_BYTES, MAX_UPDATE_BYTES } from '@mindfuse/protocol'
import { eventually, type StockClient } from '@mindfuse/testing'
import * as decoding from 'lib0/decoding'
import { describe, expect } from 'vitest'
import { testWith } from '../support/fixtures.ts'

const MEBIBYTE = 2 ** 20

/** A pasted picture, as most editors keep it. */
const picture = (mebibytes: number, letter = 'A') => letter.repeat(mebibytes * MEBIBYTE)

const assetsOf = ({ doc }: Pick<StockClient, 'doc'>) => doc.getMap<string | number>('assets')

const test = testWith({ gateways: 2 })
  /** A stock client that counts how often it is disconnected, and what it is denied. */
  .extend('watched', ({ stock }) => async (gateway = 0) => {
    const client = stock(gateway)
    const closes: number[] = []
    const denied: string[] = []
    client.provider.on('connection-close', (event) => closes.push(event?.code ?? 0))
    client.provider.messageHandlers[2] = (_encoder, decoder) => {
      expect(decoding.readVarUint(decoder)).toBe(0)
      denied.push(decoding.readVarString(decoder))
    }
    await client.synced()
    return { ...client, closes, denied }
  })

const has = (client: StockClient, key: string, value: string | number, withinMs = 20_000) =>
  eventually(`${key} is there`, () => assetsOf(client).get(key) === value, withinMs)

test.for([1.5, 12])(
  'SYNC-5 RELAY-1 LIM-7: a picture of %d MiB pasted with the stock provider arrives everywhere, and so does what follows',
  async (mebibytes, { watched, stock }) => {
    const ada = await watched()
    const here = await watched()
    const elsewhere = await watched(1)
    const value = picture(mebibytes)
    assetsOf(ada).set('picture', value)
    assetsOf(ada).set('after', 1)
    for (const reader of [here, elsewhere]) {
      await has(reader, 'picture', value)
      await has(reader, 'after', 1)
    }
    assetsOf(elsewhere).set('back', 2)
    await has(ada, 'back', 2)
    for (const { closes, denied } of [ada, here, elsewhere])
      expect([closes, denied]).toEqual([[], []])
    const late = stock(1)
    await has(late, 'picture', value)
  },
)

describe('a stock client whose edits are refused', () => {
  test('ACK-6 LIM-20: stays connected, and what was too fast gets in by itself', async ({
    watched,
  }) => {
    const ada = await watched()
    const alan = await watched(1)
    // Each replaces the one before, so that all of them together are no more than the last.
    for (let i = 0; i < 12; i++)
      assetsOf(ada).set('picture', picture(6, String.fromCharCode(65 + i)))
    assetsOf(ada).set('after', 1)
    await eventually('it is told why', () => ada.denied.includes('rate_limited'))
    await has(alan, 'after', 1, 60_000)
    expect(assetsOf(alan).get('picture')).toBe(picture(6, 'L'))
    assetsOf(ada).set('later', 2)
    await has(alan, 'later', 2)
    expect([ada.closes, alan.closes]).toEqual([[], []])
    expect(ada.denied.length).toBeLessThan(12)
  })

  test('LIM-21: sends a frame over the limit once, is told why, and goes on reading', async ({
    watched,
  }) => {
    const ada = await watched()
    const alan = await watched()
    assetsOf(ada).set('picture', picture(20))
    await eventually('it is disconnected', () => ada.closes.length > 0)
    await eventually('it is told why', () => ada.denied.includes('too_large'))
    await ada.synced()
    assetsOf(alan).set('here', 1)
    await has(ada, 'here', 1)
    for (let i = 0; i < 20; i++) assetsOf(ada).set('after', i)
    assetsOf(alan).set('here', 2)
    await has(ada, 'here', 2)
    expect(ada.closes).toEqual([1006])
    expect(assetsOf(alan).get('picture')).toBeUndefined()
    expect(ada.denied.length).toBeLessThan(4)
  })

  test('ACK-6 STORE-16: stays connected while storage is away, and gets in after it', async ({
    watched,
    stack,
  }) => {
    const ada = await watched()
    const alan = await watched()
    await stack.stopApi()
    for (let i = 0; i < 5; i++)
      assetsOf(ada).set('picture', picture(9, String.fromCharCode(65 + i)))
    await eventually('it is told why', () => ada.denied.includes('rate_limited'))
    await stack.startApi()
    await eventually('it is there', () => assetsOf(alan).get('picture') === picture(9, 'E'), 60_000)
    expect([ada.closes, alan.closes]).toEqual([[], []])
  })
})

test('LIM-1: hello announces one bound for updates and sync step 2s', async ({ whiteboard }) => {
  const { limits } = await (await whiteboard()).heard('hello')
  expect(limits.maxUpdateBytes).toBe(MAX_UPDATE_BYTES)
  expect(limits.maxSyncStep2Bytes).toBe(MAX_UPDATE_BYTES)
  expect(limits.editByteBurst).toBeLessThanOrEqual(MAX_BOARD_BYTES)
  expect(limits.editBytesPerSecond).toBeGreaterThan(0)
})
