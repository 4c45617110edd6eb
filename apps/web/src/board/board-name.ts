import type { BoardDetails } from '@mindfuse/client'
import type { App } from '../app/app.ts'
import { h } from '../ui/dom.ts'
import { attempt } from '../ui/toast.ts'

/** The board's name, editable in place by users who may rename it. */
export function boardName(app: App, board: BoardDetails): HTMLElement {
  let name = board.name
  const input = h('input', {
    class: 'board-name',
    'aria-label': 'Board name',
    value: name,
    maxlength: 255,
    readonly: !board.access.can.rename,
    on: {
      keydown: ({ key }) => {
        if (key === 'Escape') input.value = name
        if (key === 'Enter' || key === 'Escape') input.blur()
      },
      input: () => fit(),
      blur: () => attempt(save),
    },
  })
  const fit = () => {
    input.size = Math.min(Math.max(input.value.length, 6), 40)
  }
  const save = async () => {
    const wanted = input.value.trim()
    input.value = wanted || name
    fit()
    if (!wanted || wanted === name) return
    const before = name
    name = wanted
    document.title = `${wanted} – Mindfuse`
    await app.client.api.boards.update(board.id, { name: wanted }).catch((error) => {
      name = before
      input.value = before
      throw error
    })
  }
  fit()
  return input
}
