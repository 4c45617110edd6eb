import type { ExcalidrawImperativeAPI } from '@excalidraw/excalidraw/types'
import type { Board, ResetReason } from '@mindfuse/client'
import { readScene, writeElements } from '@mindfuse/scene'
import { callApi, nestedMaps } from '@mindfuse/testing'
import { StrictMode, useEffect } from 'react'
import { describe, expect } from 'vitest'
import * as Y from 'yjs'
import { newPicture } from '../../../test/support/files.ts'
import { addressOf } from '../../../test/support/sdk-fixtures.ts'
import { test as base } from '../../react/test/fixtures.ts'
import type { BindingOptions } from '../src/excalidraw-binding.ts'
import type { Refusal } from '../src/refusals.ts'
import { useExcalidrawBoard } from '../src/use-excalidraw-board.ts'
import { SimulatedExcalidraw } from './simulated-excalidraw.ts'

const MAX_PICTURES_BYTES = 200_000

function Bound({
  board,
  excalidraw,
  options,
}: {
  board: Board
  excalidraw: SimulatedExcalidraw
  options?: BindingOptions
}) {
  const props = useExcalidrawBoard(board, options)
  const { excalidrawAPI } = props
  excalidraw.props = props
  useEffect(
    () => excalidrawAPI(excalidraw as unknown as ExcalidrawImperativeAPI),
    [excalidrawAPI, excalidraw],
  )
  return null
}

const test = base
  .extend(
    'stackOptions',
    { scope: 'file' },
    { quotaLimits: { assetBytesPerBoard: MAX_PICTURES_BYTES } },
  )
  /** Shows a board in an Excalidraw. */
  .extend('bind', ({ show }) => async (board: Board, options: BindingOptions = {}) => {
    const excalidraw = new SimulatedExcalidraw()
    show(
      <StrictMode>
        <Bound board={board} excalidraw={excalidraw} options={options} />
      </StrictMode>,
    )
    await expect.poll(() => excalidraw.isConnected).toBe(true)
    return excalidraw
  })
  .extend('proxy', ({ startProxy }) => startProxy())
  .extend('his', ({ open, alan, stack, proxy }) => open(alan, {}, addressOf(stack, proxy)))
  .extend('adas', ({ bind, hers }) => bind(hers))
  .extend('alans', ({ bind, his }) => bind(his))
  .extend('setRole', ({ stack, boardId, ada, alan }) => async (role: string) => {
    const path = `${stack.apiUrl}/api/boards/${boardId}/members/${alan.user.id}`
    await callApi(path, { token: ada.accessToken, method: 'PUT', body: { role } })
  })

const box = { id: 'box', type: 'rectangle' }
const pngOf = ({ bytes }: { bytes: Buffer }, name = 'photo') =>
  new File([new Uint8Array(bytes)], name, { type: 'image/png' })

describe('a picture', () => {
  test('that one inserts is shown to the other, who reads the document later too', async ({
    adas,
    alans,
    bind,
    open,
    ada,
    hers,
  }) => {
    const picture = newPicture(1_000)
    const id = await adas.insert(pngOf(picture))
    expect(id).toBe(picture.digest)
    await expect.poll(() => alans.visible).toEqual(['picture of photo'])
    const url = `data:image/png;base64,${picture.bytes.toString('base64')}`
    await expect.poll(() => alans.files[id]?.dataURL).toBe(url)
    await hers.whenSaved()
    expect(readScene(hers.doc).files.get(id)).toEqual({ digest: id, mimeType: 'image/png' })
    const reloaded = await bind(await open(ada))
    await expect.poll(() => reloaded.files[id]?.dataURL).toBe(url)
  })

  test('that is there is not looked for again at each change', async ({ adas, alans }) => {
    const id = await adas.insert(pngOf(newPicture(1_000)))
    await expect.poll(() => alans.files[id]).toBeDefined()
    const looked: unknown[] = []
    alans.files = new Proxy(alans.files, {
      get(files, name) {
        looked.push(name)
        return Reflect.get(files, name)
      },
    })
    for (let x = 0; x < 10; x++) alans.scroll(x, 0, 1)
    expect(looked).toEqual([id])
  })

  test('of a library keeps its id, and is kept under its digest', async ({ adas, alans, hers }) => {
    const picture = newPicture(1_000)
    adas.insertFromLibrary('library-1', picture.bytes, 'image/png')
    await expect.poll(() => alans.files['library-1']?.mimeType).toBe('image/png')
    expect(readScene(hers.doc).files.get('library-1')?.digest).toBe(picture.digest)
  })

  test('that the server does not take is taken back, with a message, and all else goes on', async ({
    adas,
    alans,
    hers,
  }) => {
    const kept = await adas.insert(pngOf(newPicture(1_000), 'kept'))
    await adas.insert(pngOf(newPicture(MAX_PICTURES_BYTES + 1), 'large'))
    adas.draw(box)
    await expect.poll(() => adas.toasts).toEqual([expect.stringMatching(/picture was not kept: ./)])
    for (const excalidraw of [adas, alans]) {
      await expect.poll(() => excalidraw.visible).toEqual(['picture of kept', 'box'])
    }
    await hers.whenSaved()
    await expect.poll(() => alans.files[kept]).toBeDefined()
    adas.change('box', { x: 7 })
    await expect.poll(() => alans.get('box')?.x).toBe(7)
  })

  test('is none for a viewer', async ({ alans, his, setRole }) => {
    await setRole('viewer')
    await expect.poll(() => his.canEdit).toBe(false)
    await expect(alans.insert(pngOf(newPicture()))).rejects.toThrow('read-only')
  })
})

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
  adas.follow(socketId, 'UNFOLLOW')
  alans.scroll(500, 50, 1)
  await expect.poll(() => hers.presence.others[0]?.viewport?.x).toBe(-500)
  expect(adas.getAppState()).toMatchObject(view(300, 1))
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
