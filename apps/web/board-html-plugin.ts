import type { Plugin, Rollup } from 'vite'

/** The page that is loaded with the first board. */
const BOARD_PAGE = '/src/pages/board-page.tsx'

/**
 * Writes `board.html`, which the API answers where an address is one of a board: the page of the app that names what a
 * board takes, so that a browser asks for all of it at once.
 */
export function boardHtmlPlugin(): Plugin {
  return {
    name: 'mindfuse-board-html',
    apply: 'build',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const page = bundle['index.html']
      const entry = Object.values(bundle).find(
        (file) => file.type === 'chunk' && file.moduleIds.some((id) => id.endsWith(BOARD_PAGE)),
      )
      if (page?.type !== 'asset' || entry?.type !== 'chunk') {
        this.error('The page of boards is not in the bundle')
      }
      const html = String(page.source)
      const links = namesOf(entry, bundle)
        .filter((name) => !html.includes(name))
        .map(linkTo)
      this.emitFile({
        type: 'asset',
        fileName: 'board.html',
        source: html.replace('</head>', `  ${links.join('\n    ')}\n  </head>`),
      })
    },
  }
}

/** A chunk, what it imports, and their styles, in their order. */
function namesOf(entry: Rollup.OutputChunk, bundle: Rollup.OutputBundle): string[] {
  const scripts = new Set<string>()
  const styles = new Set<string>()
  const visit = (chunk: Rollup.OutputChunk) => {
    if (scripts.has(chunk.fileName)) return
    scripts.add(chunk.fileName)
    for (const name of chunk.imports) {
      const imported = bundle[name]
      if (imported?.type === 'chunk') visit(imported)
    }
    for (const name of chunk.viteMetadata?.importedCss ?? []) styles.add(name)
  }
  visit(entry)
  return [...scripts, ...styles]
}

function linkTo(name: string): string {
  const kind = name.endsWith('.css') ? 'stylesheet' : 'modulepreload'
  return `<link rel="${kind}" crossorigin href="/${name}">`
}
