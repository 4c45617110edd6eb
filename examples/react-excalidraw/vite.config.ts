import { excalidrawFonts } from '@mindfuse/excalidraw/vite'
import { defineConfig } from 'vite'

export default defineConfig({
  plugins: [excalidrawFonts()],
  esbuild: { jsx: 'automatic' },
  build: { target: 'es2023' },
})
