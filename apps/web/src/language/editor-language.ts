const known = new Map<string, string>()

/** A language as Excalidraw names it, by its largest region: `zh-CN`. What it does not have it shows in English. */
export function editorLanguage(tag: string): string {
  const name = known.get(tag) ?? maximize(tag)
  known.set(tag, name)
  return name
}

function maximize(tag: string): string {
  // Looking this up takes a while, and its texts are in English.
  if (tag === 'en') return tag
  const { language, region } = new Intl.Locale(tag).maximize()
  return `${language}-${region}`
}
