/** A language as Excalidraw names it, by its largest region: `zh-CN`. What it does not have it shows in English. */
export function editorLanguage(tag: string): string {
  const { language, region } = new Intl.Locale(tag).maximize()
  return `${language}-${region}`
}
