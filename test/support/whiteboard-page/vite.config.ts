import { fileURLToPath } from 'node:url'
import { excalidrawFonts } from '@mindfuse/excalidraw/vite'
import { defineConfig } from 'vite'

export default defineConfig({
  plugins: [excalidrawFonts()],
  esbuild: { jsx: 'automatic' },
  build: {
    target: 'es2023',
    rollupOptions: {
      input: ['alone', 'board', 'drawn'].map((name) =>
        fileURLToPath(new URL(`${name}.html`, import.meta.url)),
      ),
    },
  },
})
