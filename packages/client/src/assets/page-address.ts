import { dataUrlOf } from './data-url.ts'

/** Types that browsers show without running scripts in them. */
const INERT = /^(image|audio|video)\/|^application\/pdf$/

/**
 * An address of a file that is on this machine, for `<img>`. Whoever opens it in a tab of its own runs no script with
 * the origin of this page, as `blob:` would: SVG is `data:`, which has no origin, and whatever is no medium is no
 * document either.
 */
export async function pageAddressOf(file: Blob): Promise<string> {
  if (file.type.includes('xml')) return dataUrlOf(file.slice(0, file.size, 'image/svg+xml'))
  const type = INERT.test(file.type) ? file.type : 'application/octet-stream'
  return URL.createObjectURL(file.slice(0, file.size, type))
}
