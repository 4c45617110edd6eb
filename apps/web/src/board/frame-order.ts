/** As much of a frame as its place among others takes. */
export interface Frame {
  readonly name: string | null
  readonly x: number
  readonly y: number
  readonly height: number
}

/**
 * Frames in the order in which they are presented: those whose names begin with a number by that, then row by row, from
 * left to right.
 */
export function inOrder<F extends Frame>(frames: readonly F[]): F[] {
  return rowsOf(frames)
    .flat()
    .sort((a, b) => numberOf(a) - numberOf(b) || 0)
}

/** What begins above the middle of the first one of a row is in that row. */
function rowsOf<F extends Frame>(frames: readonly F[]): F[][] {
  const rows: F[][] = []
  let middle = Number.NEGATIVE_INFINITY
  for (const frame of frames.toSorted((a, b) => a.y - b.y)) {
    if (frame.y < middle) rows.at(-1)?.push(frame)
    else {
      rows.push([frame])
      middle = frame.y + frame.height / 2
    }
  }
  return rows.map((row) => row.sort((a, b) => a.x - b.x))
}

/** A finite number, so that the difference of two is one too. */
function numberOf({ name }: Frame): number {
  const number = Number.parseInt(name ?? '', 10)
  return Number.isNaN(number) ? Number.MAX_VALUE : number
}
