import type { BoardDetails, Client } from '@mindfuse/client'
import { type KeyboardEvent, useRef } from 'react'
import { titleOf } from '../app/title-of.ts'
import { useMessages } from '../language/language.ts'
import { attempt } from '../ui/toast.ts'

/** Of the field, characters. */
const sizeOf = (name: string) => Math.min(Math.max(name.length, 6), 40)

/** The board's name, editable in place by users who may rename it. */
export function BoardName({ client, details }: { client: Client; details: BoardDetails }) {
  const { text } = useMessages()
  const name = useRef(details.name)
  const show = (input: HTMLInputElement, shown: string) => {
    input.value = shown
    input.size = sizeOf(shown)
  }
  const save = async (input: HTMLInputElement) => {
    const before = name.current
    const wanted = input.value.trim() || before
    show(input, wanted)
    if (wanted === before) return
    name.current = wanted
    document.title = titleOf(wanted)
    await client.api.boards.update(details.id, { name: wanted }).catch((error) => {
      name.current = before
      show(input, before)
      throw error
    })
  }
  const onKeyDown = ({ key, currentTarget }: KeyboardEvent<HTMLInputElement>) => {
    if (key === 'Escape') show(currentTarget, name.current)
    if (key === 'Enter' || key === 'Escape') currentTarget.blur()
  }
  return (
    <input
      className="board-name"
      aria-label={text('board.name')}
      defaultValue={details.name}
      size={sizeOf(details.name)}
      maxLength={255}
      readOnly={!details.access.can.rename}
      onChange={({ target }) => show(target, target.value)}
      onKeyDown={onKeyDown}
      onBlur={({ target }) => attempt(() => save(target))}
    />
  )
}
