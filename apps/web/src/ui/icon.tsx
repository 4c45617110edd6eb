import type { SVGAttributes } from 'react'
import { type IconName, PATHS } from './icons.ts'

/** As the stylesheet has them, which says nothing about what is within Excalidraw. */
const STROKE: SVGAttributes<SVGSVGElement> = {
  fill: 'none',
  stroke: 'currentColor',
  strokeWidth: 1.7,
  strokeLinecap: 'round',
  strokeLinejoin: 'round',
}

/** An icon in the current text colour, hidden from screen readers. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg viewBox="0 0 24 24" className="icon" aria-hidden="true" {...STROKE}>
      <path d={PATHS[name]} />
    </svg>
  )
}
