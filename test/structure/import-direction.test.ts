import { describe, expect, test } from 'vitest'
import { againstFloors, byFolder, findCycle, readImportGraph } from './import-graph.ts'

/**
 * The floors of each app, the lowest first: what is on one imports from lower floors alone. Those on
 * the same floor do not know each other.
 */
const FLOORS: Record<string, readonly (readonly string[])[]> = {
  'apps/api/src': [
    ['connection-shares.ts', 'identity-providers.ts', 'quota-limits.ts'],
    ['config.ts'],
    ['db'],
    ['http'],
    ['changes', 'users'],
    ['assets'],
    // What features share, none of it with routes of its own.
    ['auth', 'documents', 'instances', 'quotas'],
    ['infrastructure.ts'],
    ['pending-memberships', 'sessions'],
    // Features, each a plugin.
    ['workspaces'],
    ['keys'],
    ['account', 'boards', 'usage'],
    ['invites', 'audit', 'board-assets', 'broadcast', 'history', 'thumbnails'],
    ['content', 'links', 'guests'],
    ['sign-in', 'board-members', 'workspace-members', 'versions'],
    ['admin', 'app-users', 'events', 'internal', 'memberships', 'operations', 'retention', 'web'],
    ['app.ts', 'waiting-app.ts'],
    ['admin.ts', 'index.ts', 'main.ts'],
  ],
  'apps/realtime/src': [
    [
      'uws.ts',
      'open-files.ts',
      'flush-window.ts',
      'steady-time.ts',
      'answer-names.ts',
      'document',
      'person',
    ],
    ['problem-response.ts', 'storage'],
    ['connection'],
    // Who may connect, and what they may do.
    ['metrics.ts', 'access'],
    ['admission'],
    // What happens on a board.
    ['relay', 'delivery'],
    ['sync', 'presence', 'broadcast', 'drafts'],
    ['room', 'channel'],
    // Where both meet: clients, by WebSocket and by HTTP.
    ['socket', 'http'],
    ['gateway-report.ts'],
    ['config.ts', 'gateway.ts'],
    ['index.ts', 'main.ts'],
  ],
}

describe.each(Object.entries(FLOORS))('in %s', (root, floors) => {
  const graph = readImportGraph(root)

  test('imports lead to lower floors', () => {
    expect(graph.size).toBeGreaterThan(10)
    expect(againstFloors(graph, floors)).toEqual([])
  })

  test('no file and no folder imports itself by way of others, not even for a type', () => {
    expect(findCycle(graph)).toEqual([])
    expect(findCycle(byFolder(graph))).toEqual([])
  })

  test('every floor is there', () => {
    const entries = new Set([...graph.keys()].map((file) => file.split('/')[0]))
    expect(floors.flat().filter((entry) => !entries.has(entry))).toEqual([])
  })
})
