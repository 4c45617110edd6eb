import { defineConfig } from 'vitest/config'

/** Workspace packages resolve to their sources, so that no test runs a stale build. */
const resolve = { conditions: ['mindfuse:source'] }
const ssr = { resolve: { conditions: ['mindfuse:source'] } }

export default defineConfig({
  test: {
    projects: [
      {
        resolve,
        ssr,
        test: { name: 'unit', include: ['{apps,packages}/*/src/**/*.test.ts'] },
      },
    ],
  },
})
