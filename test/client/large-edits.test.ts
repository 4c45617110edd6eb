import { encodeUpdate, MAX_LARGE_CONNECTIONS_PER_USER } from '@mindfuse/protocol'
import { createBoard, eventually, type WhiteboardClient } from '@mindfuse/testing'
import { expect } from 'vitest'
import { Doc, encodeStateAsUpdate } from 'yjs'
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
  await eventually('the next edit is there', () => assets.get('after') === 1)
  expect(assets.get('picture')).toBe(picture(12))
  await eventually('it is saved', () => here.saved)
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

test('STORE-16 LIM-24: an edit that was refused for a while is saved, though others drew more than a frame holds', async ({
  open,
  ada,
  alan,
  stack,
  whiteboard,
}) => {
  const his = await open(alan)
  const elsewhere = await createBoard(stack.apiUrl, ada.accessToken)
  const busy: WhiteboardClient[] = []
  for (let i = 0; i < MAX_LARGE_CONNECTIONS_PER_USER; i++) {
    busy.push(await whiteboard(0, ada, elsewhere))
  }
  // One too many of hers for edits over 1 MiB.
  const hers = await open(ada)
  const rejections: string[] = []
  hers.on('rejected', (code) => rejections.push(code))

  await stack.stopApi()
  const [author] = busy as [WhiteboardClient]
  for (const mebibytes of [15.5, 1]) author.socket.send(encodeUpdate(drawing(mebibytes)))
  await author.heard('sync:ack', ({ received }) => received === 2)
  hers.doc.getMap('assets').set('small', 1)
  await eventually('it is refused', () => rejections.includes('rate_limited'))
  for (const name of ['one', 'two', 'three']) his.doc.getMap('assets').set(name, picture(1))
  await eventually('she has his', () => hers.doc.getMap('assets').has('three'))
  await stack.startApi()
  await eventually('it is saved', () => hers.saved)
  await eventually('he has it', () => his.doc.getMap('assets').get('small') === 1)
  expect(new Set(rejections)).toEqual(new Set(['rate_limited']))
})

/** An edit of so many mebibytes. */
function drawing(mebibytes: number): Uint8Array {
  const doc = new Doc()
  doc.getMap('assets').set('drawing', picture(mebibytes))
  return encodeStateAsUpdate(doc)
}
