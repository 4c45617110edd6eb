import { expect } from 'vitest'
import * as Y from 'yjs'
import { openAssetKeeper } from './asset-keeper.ts'
import { newPicture, upload } from './files.ts'
import { test as base } from './fixtures.ts'

/** A test with files on boards, which are gone with it. */
export const test = base
  .extend('keeper', async ({ stack }, { onCleanup }) => {
    const keeper = await openAssetKeeper(stack)
    onCleanup(async () => {
      await keeper.clear()
      await keeper.close()
    })
    return keeper
  })
  /** Uploads a file as Ada. @returns its digest */
  .extend('add', ({ stack, ada }) => async (boardId: string, file = newPicture()) => {
    const { status } = await upload(stack, ada, boardId, file)
    expect([200, 201]).toContain(status)
    return file.digest
  })
  /** Draws on a board: a picture has a key, and names a file. */
  .extend('pen', ({ documents, ada }) => (boardId: string) => {
    const doc = new Y.Doc()
    const pictures = doc.getMap<string>('pictures')
    return {
      doc,
      async draw(key: string, digest: string | undefined) {
        const before = Y.encodeStateVector(doc)
        if (digest === undefined) pictures.delete(key)
        else pictures.set(key, digest)
        await documents.append(boardId, ada.user.id, Y.encodeStateAsUpdate(doc, before))
      },
    }
  })
