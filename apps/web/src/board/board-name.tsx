import type { BoardDetails, Client } from '@mindfuse/client'
import { type KeyboardEvent, useLayoutEffect, useRef } from 'react'
import { titleOf } from '../app/title-of.ts'
import { useMessages } from '../language/language.ts'
import { attempt } from '../ui/toast.ts'

/** Of the field, characters. */
const sizeOf = (name: string) => Math.min(Math.max(name.length, 6), 40)

function show(input: HTMLInputElement, shown: string): void {
  input.value = shown
  input.size = sizeOf(shown)
}

/**
 * The board's name, editable in place by users who may rename it.
 *
 * @param name what it is called now; others may rename it meanwhile
 */
export function BoardName({
  client,
  details,
  name,
}: {
  client: Client
  details: BoardDetails
  name: string
}) {
  const { text } = useMessages()
  const field = useRef<HTMLInputElement>(null)
  const current = useRef(name)
  useLayoutEffect(() => {
    const input = field.current
    const before = current.current
    current.current = name
    if (!input) return
    // What is being typed stays, and counts.
    if (input !== document.activeElement || input.value === before) show(input, name)
  }, [name])
  const save = async (input: HTMLInputElement) => {
    const before = current.current
    const wanted = input.value.trim() || before
    show(input, wanted)
    if (wanted === before) return
    current.current = wanted
    document.title = titleOf(wanted)
    await client.api.boards.update(details.id, { name: wanted }).catch((error) => {
      // Unless it was renamed again meanwhile.
      if (current.current === wanted) {
        current.current = before
        document.title = titleOf(before)
        show(input, before)
      }
      throw error
    })
  }
  const onKeyDown = ({ key, currentTarget }: KeyboardEvent<HTMLInputElement>) => {
    if (key === 'Escape') show(currentTarget, current.current)
    if (key === 'Enter' || key === 'Escape') currentTarget.blur()
  }
  return (
    <input
      dir="auto"
      ref={field}
      className="board-name"
      aria-label={text('board.name')}
      defaultValue={name}
      size={sizeOf(name)}
      maxLength={255}
      readOnly={!details.access.can.rename}
      onChange={({ target }) => show(target, target.value)}
      onKeyDown={onKeyDown}
      onBlur={({ target }) => attempt(() => save(target))}
    />
  )
}
