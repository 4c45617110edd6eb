import { excalidrawFonts } from '@mindfuse/excalidraw/vite'
import { defaultClientConditions, defineConfig } from 'vite'
import { boardHtmlPlugin } from './board-html-plugin.ts'
import { messagesPlugin } from './messages-plugin.ts'

export default defineConfig({
  plugins: [messagesPlugin(), excalidrawFonts(), boardHtmlPlugin()],
  esbuild: { jsx: 'automatic' },
  // Our packages are bundled from their sources, so that this build waits for no other.
  resolve: { conditions: ['mindfuse:source', ...defaultClientConditions] },
  build: {
    target: 'es2023',
    // The policy allows no data: URL for anything but pictures.
    assetsInlineLimit: 0,
    // That of Excalidraw, which is loaded with the first board.
    chunkSizeWarningLimit: 2_000,
    modulePreload: { polyfill: false },
    rollupOptions: {
      // Libraries say that they are for clients, as everything here is.
      onwarn: (warning, warn) => {
        if (!['MODULE_LEVEL_DIRECTIVE', 'SOURCEMAP_ERROR'].includes(warning.code ?? ''))
          warn(warning)
      },
    },
  },
})
