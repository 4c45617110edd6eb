import { eventually } from '@mindfuse/testing'
import { expect } from 'vitest'
import { testWith } from '../support/sdk-fixtures.ts'

const MEBIBYTE = 2 ** 20
const picture = (mebibytes: number) => 'A'.repeat(mebibytes * MEBIBYTE)

const test = testWith({ gateways: 2 }).extend('second', ({ stack }) => ({
  apiUrl: stack.apiUrl,
  realtimeUrl: stack.realtimeUrls[1] as string,
}))

test('SYNC-5 RELAY-1: a picture of 12 MiB is saved, and there on another gateway', async ({
  open,
  ada,
  second,
}) => {
  const here = await open(ada)
  const elsewhere = await open(ada, {}, second)
  here.doc.getMap('assets').set('picture', picture(12))
  here.doc.getMap('assets').set('after', 1)
  const assets = elsewhere.doc.getMap('assets')
  await eventually('the next edit is there', () => assets.get('after') === 1, 20_000)
  expect(assets.get('picture')).toBe(picture(12))
  await eventually('it is saved', () => here.saved, 20_000)
})

test('BAD-3: more than fits into a frame is rejected without a disconnect, until it is discarded', async ({
  open,
  ada,
  second,
}) => {
  const here = await open(ada)
  const elsewhere = await open(ada, {}, second)
  const rejections: string[] = []
  const states: string[] = []
  here.on('rejected', (code) => rejections.push(code))
  here.on('status', ({ kind }) => states.push(kind))
  here.doc.getMap('assets').set('picture', picture(20))
  await eventually('it is rejected', () => rejections.includes('too_large'))
  here.doc.getMap('assets').set('after', 1)
  elsewhere.doc.getMap('assets').set('other', 1)
  await eventually('it reads on', () => here.doc.getMap('assets').get('other') === 1)
  expect(here.saved).toBe(false)

  here.discard()
  await eventually('it is gone', () => !here.doc.getMap('assets').has('picture') && here.saved)
  here.doc.getMap('assets').set('later', 1)
  const assets = elsewhere.doc.getMap('assets')
  await eventually('the next edit is there', () => assets.get('later') === 1)
  expect(new Set(rejections)).toEqual(new Set(['too_large']))
  expect(states).toEqual([])
})
