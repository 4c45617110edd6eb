import type { Board } from '@mindfuse/client'
import { Changes } from '../ui/changes.ts'

/** A file of a few bytes may hold more, which would take the memory of the page. */
const MAX_PIXELS = 100_000_000

/** The pictures of a board, by digest. Each is fetched when it is first drawn, which is when it is in view. */
export class Pictures {
  /** There is another one to draw. */
  readonly changes = new Changes()
  readonly #board: Board
  readonly #pictures = new Map<string, HTMLImageElement | 'loading' | 'failed'>()
  readonly #stop: () => void

  constructor(board: Board) {
    this.#board = board
    this.#stop = board.on('synced', () => this.#retry())
  }

  /** A picture that can be drawn; undefined while there is none. */
  get(digest: string): HTMLImageElement | undefined {
    const picture = this.#pictures.get(digest)
    if (!picture) void this.#load(digest)
    return picture instanceof HTMLImageElement ? picture : undefined
  }

  close(): void {
    this.#stop()
  }

  async #load(digest: string): Promise<void> {
    this.#pictures.set(digest, 'loading')
    try {
      this.#pictures.set(digest, await decodePicture(await this.#board.assets.get(digest)))
    } catch {
      // Its place stays empty until the board has been offline and is back.
      this.#pictures.set(digest, 'failed')
    }
    this.changes.emit()
  }

  #retry(): void {
    for (const [digest, picture] of this.#pictures) {
      if (picture === 'failed') this.#pictures.delete(digest)
    }
    this.changes.emit()
  }
}

/** @throws unless the browser can show it */
export async function decodePicture(file: Blob): Promise<HTMLImageElement> {
  const url = URL.createObjectURL(file)
  const picture = new Image()
  try {
    await new Promise((resolve, reject) => {
      picture.onload = resolve
      picture.onerror = reject
      picture.src = url
    })
    // Its size is known, and it is not decoded yet.
    if (picture.naturalWidth * picture.naturalHeight > MAX_PIXELS) throw new RangeError('too large')
    await picture.decode()
    return picture
  } finally {
    URL.revokeObjectURL(url)
  }
}
