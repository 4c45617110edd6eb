import type { Board } from '../board/board.ts'
import { isDigest } from './digest.ts'

/** What tldraw may have as the source of an asset, besides addresses. */
const SCHEME = 'asset:'

/** As much of a tldraw asset as finding its file takes. */
interface TldrawAsset {
  props: { src?: string | null }
}

/** tldraw's `TLAssetStore`, see {@link tldrawAssets}. */
export interface TldrawAssets {
  upload(asset: object, file: Blob, signal?: AbortSignal): Promise<{ src: string }>
  resolve(asset: TldrawAsset): Promise<string | null>
}

/**
 * tldraw's pictures and videos as files of a board: the property `assets` of `useSync`, or of a store. The source
 * of an asset is `asset:` and the digest; nothing else of it needs to be in the document.
 *
 * @example
 * ```ts
 * const assets = tldrawAssets(board)
 * // const store = useSync({ uri, assets })
 * const picture = new Blob(['<svg xmlns="http://www.w3.org/2000/svg"/>'], { type: 'image/svg+xml' })
 * const { src } = await assets.upload({}, picture)
 * show(await assets.resolve({ props: { src } }))
 * ```
 */
export function tldrawAssets(board: Board): TldrawAssets {
  return {
    async upload(_asset, file, signal) {
      const options = signal && { signal }
      // Where nobody knows how long it will take, being kept has to do.
      const isOnline = board.status.kind === 'online'
      const { digest } = await (isOnline
        ? board.assets.upload(file, options)
        : board.assets.add(file))
      return { src: `${SCHEME}${digest}` }
    },
    async resolve({ props: { src = null } }) {
      const digest = src?.startsWith(SCHEME) ? src.slice(SCHEME.length) : ''
      // tldraw shows one that is not there as missing.
      return isDigest(digest) ? board.assets.url(digest).catch(() => null) : src
    },
  }
}
