import { excalidrawFonts } from '@mindfuse/excalidraw/vite'
import { defaultClientConditions, defineConfig } from 'vite'
import { messagesPlugin } from './messages-plugin.ts'
import { preloadPlugin } from './preload-plugin.ts'

/**
 * Libraries that are loaded together: browsers have six connections to a server, and many small files would wait for
 * each other. What menus and dialogs are made of is loaded by pages that have one.
 */
const CHUNKS = Object.entries({
  react: /node_modules\/(react|react-dom|scheduler)\//,
  kit: /node_modules\/(@base-ui|@floating-ui|use-sync-external-store)\//,
})

export default defineConfig({
  plugins: [messagesPlugin(), excalidrawFonts(), preloadPlugin()],
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
      output: {
        manualChunks: (id) => CHUNKS.find(([, modules]) => modules.test(id))?.[0],
      },
      // Libraries say that they are for clients, as everything here is.
      onwarn: (warning, warn) => {
        if (!['MODULE_LEVEL_DIRECTIVE', 'SOURCEMAP_ERROR'].includes(warning.code ?? ''))
          warn(warning)
      },
    },
  },
})
