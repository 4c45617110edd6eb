import { defaultClientConditions, defineConfig } from 'vite'

export default defineConfig({
  esbuild: { jsx: 'automatic' },
  // Our packages are bundled from their sources, so that this build waits for no other.
  resolve: { conditions: ['mindfuse:source', ...defaultClientConditions] },
  build: {
    target: 'es2023',
    // The policy allows no data: URL for anything but pictures.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: true,
  },
})
