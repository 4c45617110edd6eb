import { type Bounds, inReadingOrder } from '@mindfuse/scene'

/** As much of a frame as its place among others takes. */
export interface Frame extends Bounds {
  readonly name: string | null
}

/**
 * Frames in the order in which they are presented: those whose names begin with a number by that, then in the order in
 * which they are read.
 */
export function inOrder<F extends Frame>(frames: readonly F[]): F[] {
  return inReadingOrder(frames, (frame) => frame).sort((a, b) => numberOf(a) - numberOf(b))
}

/** A finite number, so that the difference of two is one too. */
function numberOf({ name }: Frame): number {
  const number = Number.parseInt(name ?? '', 10)
  return Number.isNaN(number) ? Number.MAX_VALUE : number
}
