/**
 * A person's picture, as everyone's browser may load it: over https alone. Anything else is mixed
 * content in a page, or runs in it.
 */
export function pictureUrlOf(picture: string | undefined): string | undefined {
  return picture?.startsWith('https://') ? picture : undefined
}
