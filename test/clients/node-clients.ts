import { vi } from 'vitest'
import WebSocket from 'ws'
import type { Client, DrivenClient, OpenClient, Place } from './client.ts'

/** Opens a client in this process. */
export async function openInNode(binding: string, place: Place): Promise<DrivenClient> {
  // Browsers have one, and Node from version 22 on.
  vi.stubGlobal('WebSocket', WebSocket)
  // Not resolved by the compiler: its packages are installed by the suite.
  const path = `./bindings/${binding}.ts`
  const { open } = (await import(path)) as { open: OpenClient }
  const client = await open(place)
  const call = <Method extends keyof Client>(method: Method) => {
    const run = client[method] as (...args: unknown[]) => unknown
    return async (...args: unknown[]) => run(...args)
  }
  return {
    ...Object.fromEntries(
      Object.keys(client).map((method) => [method, call(method as keyof Client)]),
    ),
    shows: async (text: string) => client.read().includes(text),
    complaints: () => [],
  } as unknown as DrivenClient
}
