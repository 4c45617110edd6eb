/** Width of a letter as a share of the font's size, about; of those of East Asian scripts and emoji. */
const LETTER_WIDTH = 0.55
const WIDE_LETTER_WIDTH = 1

const WIDE =
  /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Extended_Pictographic}/u

/** How large a text is, about: without fonts it cannot be measured, and editors do so when it is changed. */
export function estimateText(
  text: string,
  {
    fontSize,
    lineHeight = 1.25,
    maxWidth = Infinity,
  }: { fontSize: number; lineHeight?: number; maxWidth?: number },
): { text: string; width: number; height: number } {
  const lines = text.split('\n').flatMap((line) => wrap(line, maxWidth, fontSize))
  const width = Math.max(0, ...lines.map((line) => widthOf(line, fontSize)))
  return { text: lines.join('\n'), width, height: lines.length * fontSize * lineHeight }
}

function wrap(line: string, maxWidth: number, fontSize: number): string[] {
  if (widthOf(line, fontSize) <= maxWidth) return [line]
  const lines: string[] = []
  let current = ''
  for (const word of line.split(' ')) {
    const longer = current === '' ? word : `${current} ${word}`
    if (current !== '' && widthOf(longer, fontSize) > maxWidth) {
      lines.push(current)
      current = word
    } else {
      current = longer
    }
  }
  return [...lines, current]
}

function widthOf(line: string, fontSize: number): number {
  let width = 0
  for (const letter of line) width += WIDE.test(letter) ? WIDE_LETTER_WIDTH : LETTER_WIDTH
  return width * fontSize
}
