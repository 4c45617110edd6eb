import compile from 'icu-minify/compile'
import { type Plugin, transformWithEsbuild } from 'vite'

/** A catalogue: the texts of one language. */
const CATALOGUE = /\/src\/messages\/[\w-]+\.ts$/

/** Compiles the ICU messages of catalogues, so that no page has to read their syntax. */
export function messagesPlugin(): Plugin {
  return {
    name: 'mindfuse-messages',
    enforce: 'pre',
    async transform(source, id) {
      if (!CATALOGUE.test(id)) return undefined
      const { code } = await transformWithEsbuild(source, id)
      const { default: texts } = await import(`data:text/javascript,${encodeURIComponent(code)}`)
      const compiled = Object.entries<string>(texts).map(([key, text]) => [key, compile(text)])
      return { code: `export default ${JSON.stringify(Object.fromEntries(compiled))}`, map: null }
    },
  }
}
