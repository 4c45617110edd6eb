import type { Plugin, Rollup } from 'vite'

/** What the entry imports for each page. */
const START = ['/src/app/open-first-session.ts', '/src/app/show-app.tsx']

/** What it imports too where an address is one of a board. */
const BOARD_PAGE = '/src/pages/board-page.tsx'

/**
 * Names in the HTML what a page takes besides its entry, so that browsers ask for all of it at once: in `index.html`
 * what each page takes, in `board.html`, which the API answers where an address is one of a board, the page of boards
 * too.
 */
export function preloadPlugin(): Plugin {
  return {
    name: 'mindfuse-preload',
    apply: 'build',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const page = bundle['index.html']
      if (page?.type !== 'asset') this.error('The page is not in the bundle')
      const html = String(page.source)
      const withFilesOf = (modules: readonly string[]): string => {
        const chunks = new Set<Rollup.OutputChunk>()
        for (const module of modules) {
          const chunk = Object.values(bundle).find((file) => isChunkOf(file, module))
          if (chunk?.type !== 'chunk') this.error(`${module} is not in the bundle`)
          withImports(chunk, bundle, chunks)
        }
        return withLinks(html, chunks)
      }
      page.source = withFilesOf(START)
      const source = withFilesOf([...START, BOARD_PAGE])
      this.emitFile({ type: 'asset', fileName: 'board.html', source })
    },
  }
}

function isChunkOf(file: Rollup.OutputAsset | Rollup.OutputChunk, module: string): boolean {
  return file.type === 'chunk' && file.moduleIds.some((id) => id.endsWith(module))
}

/** Adds a chunk and all that it imports, in their order. */
function withImports(
  chunk: Rollup.OutputChunk,
  bundle: Rollup.OutputBundle,
  found: Set<Rollup.OutputChunk>,
): void {
  if (found.has(chunk)) return
  found.add(chunk)
  for (const name of chunk.imports) {
    const imported = bundle[name]
    if (imported?.type === 'chunk') withImports(imported, bundle, found)
  }
}

function withLinks(html: string, chunks: Iterable<Rollup.OutputChunk>): string {
  const links = [...chunks]
    .flatMap(({ fileName, viteMetadata }) => [fileName, ...(viteMetadata?.importedCss ?? [])])
    .filter((name) => !html.includes(name))
    .map(linkTo)
  return html.replace('</head>', `  ${links.join('\n    ')}\n  </head>`)
}

function linkTo(name: string): string {
  const kind = name.endsWith('.css') ? 'stylesheet' : 'modulepreload'
  return `<link rel="${kind}" crossorigin href="/${name}">`
}
