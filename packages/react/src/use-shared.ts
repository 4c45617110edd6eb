import { useSyncExternalStore } from 'react'
import type { SharedResource } from './shared-resource.ts'

const holdNothing = () => () => undefined
const getNothing = () => undefined

/** Holds a resource while the component is mounted; `undefined` before, and on a server. */
export function useShared<T>(resource: SharedResource<T> | undefined): T | undefined {
  return useSyncExternalStore(
    resource?.hold ?? holdNothing,
    resource?.get ?? getNothing,
    getNothing,
  )
}
