import type { Events, ListEvents } from '@mindfuse/client'
import { useCallback, useEffect, useState } from 'react'
import { inTurn } from '../ui/in-turn.ts'

/** What was read, or why it could not be. */
export interface Live<T> {
  value: T | undefined
  error: unknown
  reload: () => void
}

/**
 * What `read` returns, read again after events that may have changed it. What was read before stays while that fails.
 *
 * @param read has to be the same function until something else is to be read
 */
export function useLive<T>(
  read: () => Promise<T>,
  events: Events | undefined,
  ...names: readonly (keyof ListEvents)[]
): Live<T> {
  const [state, setState] = useState<{ value?: T; error?: unknown }>({})
  const [reload, setReload] = useState<() => void>(() => () => undefined)
  const key = names.join()

  useEffect(() => {
    let isCurrent = true
    const load = inTurn(async () => {
      const value = await read()
      if (isCurrent) setState({ value })
    })
    const reloadNow = () => {
      load().catch((error) => isCurrent && setState(({ value }) => ({ value: value as T, error })))
    }
    setReload(() => reloadNow)
    reloadNow()
    const stops = (key.split(',') as (keyof ListEvents)[]).map((name) =>
      events?.on(name, reloadNow),
    )
    const stopResumed = events?.on('resumed', ({ complete }) => {
      if (!complete) reloadNow()
    })
    return () => {
      isCurrent = false
      for (const stop of [...stops, stopResumed]) stop?.()
    }
  }, [read, events, key])

  return { value: state.value, error: state.error, reload: useCallback(() => reload(), [reload]) }
}
