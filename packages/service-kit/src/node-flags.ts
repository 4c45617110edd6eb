/**
 * What Node is started with, by entry, and why: docs/PERFORMANCE.md. The scripts and the images repeat it, because
 * neither can import; a test compares.
 */
export const NODE_FLAGS: Readonly<Record<string, readonly string[]>> = {
  'apps/api/dist/main.js': ['--max-semi-space-size=8'],
  'apps/realtime/dist/main.js': ['--no-parallel-scavenge', '--max-semi-space-size=8'],
}
