import { useSyncExternalStore } from 'react'

/** Where styles for narrow screens hold too. */
const NARROW = matchMedia('(max-width: 40rem)')

/** Whether the window is as narrow as that of a phone. */
export function useIsNarrow(): boolean {
  return useSyncExternalStore(subscribe, () => NARROW.matches)
}

function subscribe(onChange: () => void): () => void {
  NARROW.addEventListener('change', onChange)
  return () => NARROW.removeEventListener('change', onChange)
}
