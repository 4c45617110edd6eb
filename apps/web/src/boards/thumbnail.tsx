import { useEffect, useState } from 'react'

/** Kept by the API, whose origin is the page's. */
const KEPT = '/api/boards/'

/**
 * A picture of a board.
 *
 * @param readAgain resolves with its address as it is now: the one in a list ends after some minutes
 * @param sent resolves once a newer one was sent, which the list may not have yet
 */
export function Thumbnail({
  url,
  readAgain,
  sent,
}: {
  url: string | null
  readAgain: () => Promise<string | null>
  sent: Promise<void> | undefined
}) {
  const [newer, setNewer] = useState<{ than: string | null; url: string | null }>()
  const shown = newer && newer.than === url ? newer.url : url
  const replace = (address: string | null) => setNewer({ than: url, url: address })
  // biome-ignore lint/correctness/useExhaustiveDependencies: what the list has afterwards is as new
  useEffect(() => {
    let isShown = true
    sent?.then(readAgain).then(
      (address) => isShown && replace(address),
      () => undefined,
    )
    return () => {
      isShown = false
    }
  }, [sent])
  // External images are not loaded: their host would learn who views the list.
  if (!shown?.startsWith(KEPT) && !shown?.startsWith('data:image/')) {
    return <span className="thumbnail empty" />
  }
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
