import { useCallback, useRef, useSyncExternalStore } from 'react'
import { isSame } from './is-same.ts'

/** Calls `onChange` whenever what is read of `target` may have changed. @returns a function that stops that */
export type Watch<Target> = (target: Target, onChange: () => void) => () => void

/**
 * What `read` returns of `target`, which changes outside of React. The component renders again only if it is
 * another value than before, by `isEqual`; as long as it is not, it stays the same object.
 *
 * @param watch has to be the same function at each render
 * @param read receives `undefined` while there is no target, and on a server
 */
export function useWatched<Target, Value>(
  target: Target | undefined,
  watch: Watch<Target>,
  read: (target: Target | undefined) => Value,
  isEqual: (a: Value, b: Value) => boolean = isSame,
): Value {
  const last = useRef<{ value: Value } | undefined>(undefined)
  const keep = (value: Value): Value => {
    const previous = last.current
    if (previous && isEqual(previous.value, value)) return previous.value
    last.current = { value }
    return value
  }
  const subscribe = useCallback(
    (onChange: () => void) => (target === undefined ? () => undefined : watch(target, onChange)),
    [target, watch],
  )
  return useSyncExternalStore(
    subscribe,
    () => keep(read(target)),
    () => keep(read(undefined)),
  )
}

/** Watches several events at once. @returns a function that stops that */
export function watchAll(...stops: (() => void)[]): () => void {
  return () => {
    for (const stop of stops) stop()
  }
}
