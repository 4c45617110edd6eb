import type { Board, ResetReason } from '@mindfuse/client'
import { readScene, writeElements } from '@mindfuse/scene'
import { nestedMaps } from '@mindfuse/testing'
import { expect } from 'vitest'
import * as Y from 'yjs'
import { newPicture } from '../../../test/support/files.ts'
import type { Refusal } from '../src/refusals.ts'
import { Bound, MAX_PICTURES_BYTES, test } from './bound-fixtures.tsx'
import { SimulatedExcalidraw } from './simulated-excalidraw.ts'

const box = { id: 'box', type: 'rectangle' }
const pngOf = ({ bytes }: { bytes: Buffer }, name = 'photo') =>
  new File([new Uint8Array(bytes)], name, { type: 'image/png' })

test('messages about what is taken back are those of the application', async ({
  bind,
  hers,
  his,
  setRole,
}) => {
  const refusalText = (refusal: Refusal) =>
    `nein: ${refusal.kind === 'edit' ? refusal.code : refusal.error.code}`
  const adas = await bind(hers, { refusalText })
  const alans = await bind(his, { refusalText })
  await adas.insert(pngOf(newPicture(MAX_PICTURES_BYTES + 1)))
  await expect.poll(() => adas.toasts).toEqual(['nein: quota_exceeded'])
  alans.setState({ cursorButton: 'down' })
  alans.draw(box)
  await setRole('viewer')
  await expect.poll(() => alans.toasts).toEqual(['nein: read_only'])
  await expect(alans.insert(pngOf(newPicture()))).rejects.toThrow('nein: read_only')
})

test('the background that one chooses the other has, and keeps', async ({
  adas,
  alans,
  his,
  setRole,
}) => {
  adas.setState({ viewBackgroundColor: '#ffc9c9' })
  await expect.poll(() => alans.getAppState().viewBackgroundColor).toBe('#ffc9c9')
  alans.setState({ viewBackgroundColor: '#b2f2bb' })
  await expect.poll(() => adas.getAppState().viewBackgroundColor).toBe('#b2f2bb')
  await setRole('viewer')
  await expect.poll(() => his.canEdit).toBe(false)
  alans.setState({ viewBackgroundColor: '#000000' })
  adas.draw(box)
  await expect.poll(() => alans.visible).toEqual(['box'])
  expect(adas.getAppState().viewBackgroundColor).toBe('#b2f2bb')
})

test('whoever follows another has their view, until they stop', async ({
  adas,
  alans,
  hers,
  his,
  alan,
}) => {
  const shown = () => [...adas.collaborators.values()].map(({ id }) => id)
  await expect.poll(shown).toEqual([expect.stringContaining(alan.user.id)])
  const [socketId = ''] = adas.collaborators.keys()
  alans.scroll(100, 50, 2)
  await expect.poll(() => hers.presence.others[0]?.viewport?.zoom).toBe(2)
  expect(adas.getAppState()).toMatchObject({ scrollX: 0, scrollY: 0 })
  adas.follow(socketId, 'FOLLOW')
  const view = (scrollX: number, value: number) => ({ scrollX, scrollY: 50, zoom: { value } })
  expect(adas.getAppState()).toMatchObject(view(100, 2))
  alans.scroll(300, 50, 1)
  await expect.poll(() => adas.getAppState()).toMatchObject(view(300, 1))
  for (const [x, y, zoom] of [
    [1e300, 0, 1],
    [0, -1e300, 1],
    [0, 0, 1e-300],
    [0, 0, 1_000],
  ] as const) {
    his.presence.viewport({ x, y, zoom })
    await expect.poll(() => hers.presence.others[0]?.viewport).toEqual({ x, y, zoom })
    expect(adas.getAppState()).toMatchObject(view(300, 1))
  }
  adas.follow(socketId, 'UNFOLLOW')
  alans.scroll(500, 50, 1)
  await expect.poll(() => hers.presence.others[0]?.viewport?.x).toBe(-500)
  expect(adas.getAppState()).toMatchObject(view(300, 1))
})

test('with `scrollToContent` the first picture of a board has what is on it in view', async ({
  adas,
  bind,
  his,
}) => {
  adas.draw(box)
  await expect.poll(() => readScene(his.doc).elements).toHaveLength(1)
  const alans = await bind(his, { scrollToContent: true })
  const views: number[] = []
  alans.onChange((elements, { scrollX }) => {
    if (elements.length > 0) views.push(scrollX)
  })
  await expect.poll(() => alans.visible).toEqual(['box'])
  await expect.poll(() => views[0]).toBe(SimulatedExcalidraw.CONTENT_X)
  // The user moves it from then on.
  alans.scroll(0, 0, 1)
  adas.draw({ ...box, id: 'other' })
  await expect.poll(() => alans.visible).toEqual(['box', 'other'])
  expect(alans.getAppState().scrollX).toBe(0)
})

test('with `scrollToContent` the view stays where it is, once it is known that there is nothing', async ({
  adas,
  bind,
  his,
}) => {
  const alans = await bind(his, { scrollToContent: true })
  await expect.poll(() => his.synced).toBe(true)
  adas.draw(box)
  await expect.poll(() => alans.visible).toEqual(['box'])
  expect(alans.getAppState().scrollX).toBe(0)
})

test('a view that is nowhere is not shared, and ended', async ({ alans, hers }) => {
  alans.scroll(Number.NaN, 50, 1)
  expect(alans.getAppState()).toMatchObject({ scrollX: 0, scrollY: 0 })
  const pointer = { x: Number.NaN, y: 1, tool: 'pointer' } as const
  alans.props?.onPointerUpdate({ pointer, button: 'up', pointersMap: new Map() })
  alans.scroll(300, 50, 1)
  await expect.poll(() => hers.presence.others[0]?.viewport?.x).toBe(-300)
  expect(hers.presence.others[0]?.cursor).toBeNull()
})

test('a file that is opened is added to the board', async ({ adas, alans, hers }) => {
  adas.draw(box)
  await expect.poll(() => alans.visible).toEqual(['box'])
  const opened = { type: 'ellipse', x: 1, y: 2, width: 3, height: 4, isDeleted: false }
  adas.open([{ ...opened, id: 'opened', index: 'a1' }])
  for (const excalidraw of [adas, alans]) {
    await expect.poll(() => excalidraw.visible.toSorted()).toEqual(['box', 'opened'])
  }
  expect(readScene(hers.doc).elements).toHaveLength(2)
})

test('an edit that is too large is taken back, with a message, and all else goes on', async ({
  adas,
  alans,
}) => {
  adas.draw(box)
  await expect.poll(() => alans.visible).toEqual(['box'])
  const text = 'x'.repeat(1_000_000)
  adas.open([
    ...adas.elements,
    ...Array.from({ length: 17 }, (_, i) => ({
      ...{ ...box, id: `text-${i}`, type: 'text', x: 0, y: 0, text, originalText: text },
      ...{ index: `b${String(i).padStart(2, '0')}V`, isDeleted: false },
    })),
  ])
  await expect.poll(() => adas.toasts).toEqual([expect.stringContaining('too large')])
  await expect.poll(() => adas.visible).toEqual(['box'])
  adas.change('box', { x: 7 })
  await expect.poll(() => alans.get('box')?.x).toBe(7)
})

test('what somebody drew offline who is a viewer meanwhile is taken back, with a message', async ({
  adas,
  alans,
  his,
  proxy,
  setRole,
}) => {
  adas.draw(box)
  await expect.poll(() => alans.visible).toEqual(['box'])
  proxy.refuse()
  await expect.poll(() => his.status.kind).toBe('offline')
  alans.draw({ ...box, id: 'offline' })
  alans.change('box', { x: 50 })
  await setRole('viewer')
  proxy.pass()
  his.connect()
  await expect.poll(() => alans.visible).toEqual(['box'])
  expect(alans.get('box')?.x).toBe(0)
  expect(alans.toasts).toEqual([expect.stringContaining('cannot edit')])
  adas.change('box', { x: 7 })
  await expect.poll(() => alans.get('box')?.x).toBe(7)
})

/** What makes a board start again, with everything that it had. */
const RESETS: Partial<Record<ResetReason, (his: Board, hers: Board) => void>> = {
  discarded: (his) => his.discard(),
  document_failed(his) {
    const change = () => {
      nestedMaps(8_000, his.doc)
      his.doc.getMap('shapes').delete('a')
    }
    expect(() => his.doc.transact(change, 'script')).toThrow()
  },
  client_id_taken(his, hers) {
    const { clientID } = his.doc
    const imposter = new Y.Doc()
    Y.applyUpdate(imposter, Y.encodeStateAsUpdate(hers.doc))
    imposter.clientID = clientID
    imposter.on('update', (update: Uint8Array) => Y.applyUpdate(hers.doc, update))
    for (let i = 0; i < 9; i++) imposter.getMap('foreign').set(`${i}`, true)
  },
}

test.for(Object.entries(RESETS))(
  'a board that starts again (%s) goes on',
  async ([reason, cause], { adas, alans, his, hers, proxy }) => {
    alans.draw(box)
    await expect.poll(() => adas.visible).toEqual(['box'])
    await his.whenSaved()
    const reasons: string[] = []
    his.on('reset', (reset) => reasons.push(reset.reason))
    if (reason === 'client_id_taken') {
      proxy.refuse()
      await expect.poll(() => his.status.kind).toBe('offline')
      alans.draw({ ...box, id: 'offline' })
    }
    cause(his, hers)
    await hers.whenSaved()
    proxy.pass()
    his.connect()
    await expect.poll(() => reasons).toEqual([reason])
    await his.whenSynced()
    alans.draw({ ...box, id: 'his' })
    adas.draw({ ...box, id: 'hers' })
    const drawn = ['box', 'hers', 'his', ...(reason === 'client_id_taken' ? ['offline'] : [])]
    for (const excalidraw of [adas, alans]) {
      await expect.poll(() => excalidraw.visible.toSorted()).toEqual(drawn)
    }
    writeElements(hers.doc, [{ ...box, x: 9 }])
    await expect.poll(() => alans.get('box')?.x).toBe(9)
    expect(alans.toasts).toEqual([])
  },
)

test('another board takes the place of the first, which shows this person no more', async ({
  show,
  connect,
  ada,
  hers,
  his,
  newBoard,
}) => {
  writeElements(hers.doc, [{ ...box, x: 0, y: 0 }])
  const second = connect(ada).board(await newBoard())
  await second.whenSynced()
  writeElements(second.doc, [{ ...box, id: 'other', x: 0, y: 0 }])
  const excalidraw = new SimulatedExcalidraw()
  const shown = show(<Bound board={hers} excalidraw={excalidraw} />)
  await expect.poll(() => excalidraw.visible).toEqual(['box'])
  excalidraw.props?.onPointerUpdate({
    pointer: { x: 1, y: 2, tool: 'pointer' },
    button: 'up',
    pointersMap: new Map(),
  })
  const cursor = () => his.presence.others[0]?.cursor
  await expect.poll(cursor).toEqual({ x: 1, y: 2 })
  shown.rerender(<Bound board={second} excalidraw={excalidraw} />)
  await expect.poll(() => excalidraw.visible).toEqual(['other'])
  await expect.poll(cursor).toBeNull()
  excalidraw.draw({ ...box, id: 'mine' })
  await second.whenSaved()
  expect(readScene(second.doc).elements.map(({ id }) => id)).toEqual(['other', 'mine'])
  expect(readScene(hers.doc).elements.map(({ id }) => id)).toEqual(['box'])
})
