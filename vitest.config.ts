import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { messagesPlugin } from './apps/web/messages-plugin.ts'

/** Workspace packages resolve to their sources, so that no test runs a stale build. */
const conditions = ['mindfuse:source']
const shared = { resolve: { conditions }, ssr: { resolve: { conditions } } }

/**
 * Files share the modules of their worker: importing both services anew costs more than most files
 * do. A test that changes a global puts it back.
 */
const isolate = false

/** A test fails by what it expects, not by how busy the machine is: `eventually` is as patient. */
const patience = {
  testTimeout: 120_000,
  hookTimeout: 120_000,
  expect: { poll: { timeout: 30_000 } },
}

const REACT_19 = fileURLToPath(new URL('test/react-19/node_modules/react$1', import.meta.url))

/** Projects that try what depends on the Redis-protocol server on a newer one than the system has. */
const onNewerRedis = (['valkey', 'redis'] as const).map((name) => ({
  ...shared,
  test: {
    name: `${name}-8`,
    include: ['packages/shared-state/test/**/*.test.ts', 'test/realtime/gateways.test.ts'],
    globalSetup: ['./test/support/servers.ts'],
    provide: { redisServer: `/usr/bin/${name}-server` },
    ...patience,
  },
}))

/** Hooks in a DOM, with both releases of React that they are for. */
const onReact = [18, 19].map((release) => ({
  ...shared,
  esbuild: { jsx: 'automatic' as const },
  test: {
    name: `react-${release}`,
    include: ['packages/{excalidraw,react}/test/**/*.test.tsx'],
    setupFiles: ['./packages/react/test/dom.ts'],
    globalSetup: ['./test/support/servers.ts'],
    provide: { reactRelease: release },
    alias: release === 19 ? [{ find: /^react(-dom)?(?=\/|$)/, replacement: REACT_19 }] : [],
    ...patience,
  },
}))

/** What loads the machine so much that everything beside it waits, or takes longest: run alone, by `.ci/long`. */
const LOAD = [
  'test/api/{asset-crowd,events-line,flood,hostile-documents,workspace-quotas}.test.ts',
  'test/client/{board-size,large-edits}.test.ts',
  'test/deploy/backup.test.ts',
  'test/e2e/{account,board-languages,boards,drain,embed-frame,excalidraw-crowd,excalidraw-screens,internal-port}.test.ts',
  'test/e2e/{keys,library,links,outline,pictures,presentation,signals,thumbnails,tracing,versions,whereabouts}.test.ts',
  'test/e2e/{pages,readme-picture,workspace-settings,wrong-turns}.test.ts',
  'test/e2e/whiteboard-{first-draw,large,large-drawing,phone,stroke,tools}.test.ts',
  'test/packages/pack.test.ts',
  'test/realtime/{board-size,channel-crowd,gateway-crash,large-edit-readers,large-edits,nobody-waits}.test.ts',
  'test/realtime/{open-boards,relay-loss,rolling-restart,slow-consumers,stop-without-api,unread-documents}.test.ts',
]

export default defineConfig({
  test: {
    // Most tests wait for something: for a timeout, a process, a lease.
    maxWorkers: 2 * availableParallelism(),
    reporters: ['default', './test/support/failed-files.ts', './test/support/closing-line.ts'],
    projects: [
      {
        ...shared,
        plugins: [messagesPlugin()],
        test: {
          name: 'unit',
          isolate,
          include: [
            '{apps,packages}/*/src/**/*.test.ts',
            'bench/src/**/*.test.ts',
            'test/structure/**/*.test.ts',
          ],
          ...patience,
        },
      },
      {
        ...shared,
        test: {
          name: 'integration',
          isolate,
          include: ['test/**/*.test.ts', '{apps,packages}/*/test/**/*.test.ts'],
          exclude: ['test/{clients,faults,images,operations,structure}/**', ...LOAD],
          globalSetup: ['./test/support/servers.ts'],
          ...patience,
        },
      },
      {
        ...shared,
        test: {
          name: 'load',
          isolate,
          include: LOAD,
          maxWorkers: 1,
          globalSetup: ['./test/support/servers.ts'],
          ...patience,
        },
      },
      {
        ...shared,
        test: {
          name: 'images',
          include: ['test/images/**/*.test.ts'],
          ...patience,
        },
      },
      {
        ...shared,
        test: {
          name: 'operations',
          include: ['test/operations/**/*.test.ts'],
          globalSetup: ['./test/support/servers.ts'],
          ...patience,
        },
      },
      ...onNewerRedis,
      ...onReact,
      {
        ...shared,
        test: {
          name: 'clients',
          include: ['test/clients/**/*.test.ts'],
          globalSetup: ['./test/support/servers.ts'],
          ...patience,
        },
      },
      {
        ...shared,
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          testTimeout: 90_000,
          hookTimeout: 90_000,
        },
      },
    ],
  },
})
