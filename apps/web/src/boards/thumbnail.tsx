import { useState } from 'react'

/** Kept by the API, whose origin is the page's. */
const KEPT = '/api/boards/'

/**
 * A picture of a board.
 *
 * @param readAgain resolves with its address as it is now: the one in a list ends after some minutes
 */
export function Thumbnail({
  url,
  readAgain,
}: {
  url: string | null
  readAgain: () => Promise<string | null>
}) {
  const [newer, setNewer] = useState<{ than: string | null; url: string | null }>()
  const shown = newer && newer.than === url ? newer.url : url
  // External images are not loaded: their host would learn who views the list.
  if (!shown?.startsWith(KEPT) && !shown?.startsWith('data:image/')) {
    return <span className="thumbnail empty" />
  }
  const replace = (address: string | null) => setNewer({ than: url, url: address })
  const onError = () => {
    replace(null)
    // The board goes on without a picture where it cannot be read.
    if (hasEnded(shown)) readAgain().then(replace, () => undefined)
  }
  return <img className="thumbnail" src={shown} alt="" loading="lazy" onError={onError} />
}

function hasEnded(url: string): boolean {
  const [, expires] = /[?&]expires=(\d+)/.exec(url) ?? []
  return url.startsWith(KEPT) && Number(expires) * 1_000 <= Date.now()
}
