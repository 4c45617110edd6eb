/** The colour of what is in the middle of the drawing. */
export const MIDDLE = '#ffc9c9'

const box = { type: 'rectangle', fillStyle: 'solid', roughness: 0, seed: 1 } as const

const field = { ...box, id: 'field', x: 0, y: 0, width: 600, height: 400, backgroundColor: MIDDLE }

const row = (y: number) =>
  Array.from({ length: 50 }, (_, i) => ({
    ...box,
    ...{ id: `box-${i}-${y}`, x: 12 * i, y, width: 9, height: 20, backgroundColor: '#a5d8ff' },
  }))

/** What a board has that is opened, and a page with Excalidraw alone shows too. */
export const drawing = [field, ...row(-30), ...row(410)]
