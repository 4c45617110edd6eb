/** The colours of shapes. Documents store the name; each theme defines how it looks. */
export const COLORS = [
  'ink',
  'red',
  'orange',
  'yellow',
  'green',
  'teal',
  'blue',
  'violet',
  'pink',
] as const

/** One of {@link COLORS}. */
export type ColorName = (typeof COLORS)[number]

/** A colour in a theme. */
export interface Tint {
  /** Lines and letters. */
  line: string
  /** The fill of shapes. */
  fill: string
  /** The paper of sticky notes. */
  paper: string
  /** Letters on that paper. */
  onPaper: string
}

/** The colours the board is drawn with. */
export interface Theme {
  background: string
  dots: string
  selection: string
  selectionFill: string
  handle: string
  paperShadow: string
  tints: Record<ColorName, Tint>
}

const tint = (line: string, fill: string, paper: string, onPaper: string): Tint => ({
  line,
  fill,
  paper,
  onPaper,
})

export const LIGHT_THEME: Theme = {
  background: '#fbfaf8',
  dots: '#dcd9d2',
  selection: '#5b5bd6',
  selectionFill: 'rgba(91, 91, 214, 0.08)',
  handle: '#ffffff',
  paperShadow: 'rgba(40, 36, 28, 0.12)',
  tints: {
    ink: tint('#27272a', '#ffffff', '#eceae4', '#27272a'),
    red: tint('#d13438', '#fdecec', '#ffc9c5', '#4c1416'),
    orange: tint('#d9660b', '#fff1e3', '#ffd3a8', '#4a2406'),
    yellow: tint('#b98900', '#fff8dc', '#ffe88f', '#42330a'),
    green: tint('#2f9e44', '#e9f8ec', '#bfecc4', '#103a19'),
    teal: tint('#0c8f8f', '#e3f7f6', '#aee9e4', '#0a3636'),
    blue: tint('#2f6fdb', '#e8f0fe', '#bcd6ff', '#10294f'),
    violet: tint('#7048d8', '#f0ebfe', '#d8caff', '#291654'),
    pink: tint('#cc3d8f', '#fdeaf5', '#ffc7e4', '#4b1233'),
  },
}

export const DARK_THEME: Theme = {
  background: '#17181c',
  dots: '#303239',
  selection: '#8f8fff',
  selectionFill: 'rgba(143, 143, 255, 0.12)',
  handle: '#17181c',
  paperShadow: 'rgba(0, 0, 0, 0.5)',
  tints: {
    ink: tint('#e7e6e3', '#222329', '#3d3f47', '#f3f2ef'),
    red: tint('#ff7b7b', '#331c1e', '#8f3438', '#ffeceb'),
    orange: tint('#ff9f4a', '#33230f', '#96511a', '#fff0e0'),
    yellow: tint('#f2c94c', '#30290f', '#87690f', '#fff7d8'),
    green: tint('#63cf79', '#16291b', '#2c6e3a', '#e8f9ea'),
    teal: tint('#45cfc9', '#10292a', '#13686a', '#e0f8f6'),
    blue: tint('#79a9ff', '#172438', '#2b549c', '#e8f0ff'),
    violet: tint('#a98bff', '#231d3b', '#553a9c', '#f0eaff'),
    pink: tint('#f27fc0', '#331a2a', '#8c2f66', '#ffe9f5'),
  },
}
