/**
 * What Node is started with for a gateway, and why: docs/PERFORMANCE.md. The script `start:realtime` and the
 * image repeat them, because neither can import; a test compares.
 */
export const NODE_FLAGS: readonly string[] = ['--no-parallel-scavenge', '--max-semi-space-size=8']
