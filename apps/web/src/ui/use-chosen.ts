import { useEffect, useState } from 'react'
import { attempt } from './toast.ts'

/**
 * A value that is saved as soon as it is chosen: what is shown, and a function that chooses another. What cannot be saved
 * is shown as it was again.
 *
 * @param saved what is saved, which changes once the choice is
 */
export function useChosen<Value>(
  saved: Value,
  save: (value: Value) => Promise<unknown>,
): [shown: Value, choose: (value: Value) => void] {
  const [chosen, setChosen] = useState<Value>()
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was chosen counts until something else is saved
  useEffect(() => setChosen(undefined), [saved])
  const choose = (value: Value) => {
    setChosen(() => value)
    attempt(async () => {
      try {
        await save(value)
      } catch (error) {
        setChosen(undefined)
        throw error
      }
    })
  }
  return [chosen ?? saved, choose]
}
