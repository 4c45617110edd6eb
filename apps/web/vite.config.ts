import { defaultClientConditions, defineConfig } from 'vite'
import { messagesPlugin } from './messages-plugin.ts'

export default defineConfig({
  plugins: [messagesPlugin()],
  esbuild: { jsx: 'automatic' },
  // Our packages are bundled from their sources, so that this build waits for no other.
  resolve: { conditions: ['mindfuse:source', ...defaultClientConditions] },
  build: {
    target: 'es2023',
    // The policy allows no data: URL for anything but pictures.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: true,
    rollupOptions: {
      // Libraries say that they are for clients, as everything here is.
      onwarn: (warning, warn) => {
        if (!['MODULE_LEVEL_DIRECTIVE', 'SOURCEMAP_ERROR'].includes(warning.code ?? ''))
          warn(warning)
      },
    },
  },
})
