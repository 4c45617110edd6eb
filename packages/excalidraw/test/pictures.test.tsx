import { readScene } from '@mindfuse/scene'
import { callApi } from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import { filePath, newPicture, type TestFile } from '../../../test/support/files.ts'
import { test as base, MAX_PICTURES_BYTES } from './bound-fixtures.tsx'
import type { SimulatedExcalidraw } from './simulated-excalidraw.ts'

const box = { id: 'box', type: 'rectangle' }
const pngUrl = ({ bytes }: { bytes: Buffer }) => `data:image/png;base64,${bytes.toString('base64')}`
const pngOf = ({ bytes }: { bytes: Buffer }, name = 'photo') =>
  new File([new Uint8Array(bytes)], name, { type: 'image/png' })

const test = base.extend(
  'remove',
  ({ stack, boardId, ada }) =>
    (file: TestFile) =>
      callApi(stack.apiUrl + filePath(boardId, file), {
        token: ada.accessToken,
        method: 'DELETE',
      }),
)

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
    const url = pngUrl(picture)
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

  test('of another board, under its digest, is sent to this one', async ({ adas, alans }) => {
    const { digest, bytes } = newPicture(1_000)
    adas.insertFromLibrary(digest, bytes, 'image/png')
    await expect.poll(() => alans.files[digest]?.mimeType).toBe('image/png')
  })
})

/** How one comes to have a picture that the server does not take. */
const REFUSED: Record<string, (his: SimulatedExcalidraw, file: File) => Promise<unknown>> = {
  'after it was placed': (his, file) => his.insert(file),
  async 'before it is placed'(his, file) {
    const id = await his.choose(file)
    await expect.poll(() => his.toasts).toHaveLength(1)
    await his.place(id, file)
  },
  async 'while it is deleted'(his, file) {
    const id = await his.choose(file)
    await his.place(id, file)
    his.change('picture of large', { isDeleted: true })
    await expect.poll(() => his.toasts).toHaveLength(1)
    his.change('picture of large', { isDeleted: false })
  },
  async 'that is copied before it was placed'(his, file) {
    const id = await his.choose(file)
    await expect.poll(() => his.toasts).toHaveLength(1)
    await his.place(id, file)
    his.draw({ id: 'copy of large', type: 'image', fileId: id })
  },
  async 'from a library'(his, file) {
    his.insertFromLibrary('large', Buffer.from(await file.arrayBuffer()), file.type)
  },
}

/** How one tries it again. */
const AGAIN: Record<string, (his: SimulatedExcalidraw, file: File) => Promise<unknown>> = {
  'by a redo': async (his) => his.change('picture of large', { isDeleted: false }),
  async 'as another picture'(his, file) {
    const again = new File([file], 'again', { type: file.type })
    await his.insert(again)
  },
}

describe.each(Object.entries(REFUSED))('a picture that is refused %s', (_case, refused) => {
  test.for(Object.entries(AGAIN))(
    'is taken back, and stays once there is room for it (%s)',
    async ([, again], { adas, alans, hers, remove }) => {
      const kept = newPicture(MAX_PICTURES_BYTES / 2)
      const large = newPicture(MAX_PICTURES_BYTES * 0.75)
      await adas.insert(pngOf(kept, 'kept'))
      await hers.whenSaved()
      const file = pngOf(large, 'large')
      await refused(adas, file)
      for (const excalidraw of [adas, alans]) {
        await expect.poll(() => excalidraw.visible).toEqual(['picture of kept'])
      }
      await hers.whenSaved()
      expect(new Set(adas.toasts)).toEqual(
        new Set([expect.stringMatching(/picture was not kept: ./)]),
      )

      await remove(kept)
      const said = adas.toasts.length
      await again(adas, file)
      const url = pngUrl(large)
      await expect
        .poll(() => Object.values(alans.files).map(({ dataURL }) => dataURL))
        .toContain(url)
      await hers.whenSaved()
      expect(adas.visible).toHaveLength(2)
      expect(alans.visible).toEqual(adas.visible)
      expect(adas.toasts).toHaveLength(said)
    },
  )
})

test('a picture of another stays, of which this user could not send the file', async ({
  adas,
  alans,
  hers,
  remove,
}) => {
  const kept = newPicture(MAX_PICTURES_BYTES / 2)
  await adas.insert(pngOf(kept, 'kept'))
  await hers.whenSaved()
  const large = newPicture(MAX_PICTURES_BYTES * 0.75)
  await REFUSED['while it is deleted']?.(adas, pngOf(large, 'large'))
  await adas.choose(pngOf(large))
  await expect.poll(() => adas.toasts).toHaveLength(2)
  await remove(kept)
  await alans.insert(pngOf(large, 'his'))
  await expect.poll(() => adas.visible).toEqual(['picture of kept', 'picture of his'])
  adas.draw(box)
  await expect.poll(() => alans.visible).toEqual(['picture of kept', 'picture of his', 'box'])
})
