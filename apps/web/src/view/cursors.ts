import type { Presence } from '@mindfuse/client'
import { type Camera, toScreen } from '../geometry/camera.ts'
import { personColor } from '../ui/avatar.ts'
import { fill, h } from '../ui/dom.ts'
import { type Called, fullName } from '../ui/kinds.ts'

const SVG = 'http://www.w3.org/2000/svg'
const ARROW = 'M2 1.5 15 8.5 8.8 10.2 5.6 16z'

/** The cursors of other users with their names, above the board. */
export function createCursors(presence: Presence): {
  element: HTMLElement
  /** Positions the cursors; they glide when their users moved, not when the view did. */
  place(camera: Camera, isGliding: boolean): void
} {
  const element = h('div', { class: 'cursors', 'aria-hidden': true })
  const shown = new Map<string, HTMLElement>()

  return {
    element,
    place(camera, isGliding) {
      const here = new Set<string>()
      for (const { connectionId, cursor, user } of presence.others) {
        if (!cursor) continue
        here.add(connectionId)
        let arrow = shown.get(connectionId)
        const isNew = !arrow
        if (!arrow) {
          arrow = createCursor(user)
          shown.set(connectionId, arrow)
          element.append(arrow)
        }
        const { x, y } = toScreen(camera, cursor)
        arrow.classList.toggle('gliding', isGliding && !isNew)
        arrow.style.transform = `translate(${x}px, ${y}px)`
      }
      for (const [connectionId, arrow] of shown) {
        if (here.has(connectionId)) continue
        shown.delete(connectionId)
        arrow.remove()
      }
    },
  }
}

function createCursor(user: Called & { id: string }): HTMLElement {
  const color = personColor(user.id)
  const svg = document.createElementNS(SVG, 'svg')
  svg.setAttribute('viewBox', '0 0 17 17')
  const path = document.createElementNS(SVG, 'path')
  path.setAttribute('d', ARROW)
  path.setAttribute('fill', color)
  svg.append(path)
  const label = h('span', {}, fullName(user))
  label.style.backgroundColor = color
  const cursor = h('div', { class: 'cursor' })
  fill(cursor, svg, label)
  return cursor
}
