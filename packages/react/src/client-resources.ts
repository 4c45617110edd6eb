import type { Client } from '@mindfuse/client'
import { SharedResource } from './shared-resource.ts'

/**
 * What components share of each client, by key. A resource stays listed after it is closed, because a component
 * that has not mounted yet may be about to hold it: two resources of one board would close it for each other.
 */
export function clientResources<T extends { close(): unknown }>(
  open: (client: Client, key: string) => T,
): (client: Client, key: string) => SharedResource<T> {
  const ofClients = new WeakMap<Client, Map<string, SharedResource<T>>>()

  return (client, key) => {
    const known = ofClients.get(client) ?? new Map<string, SharedResource<T>>()
    ofClients.set(client, known)
    const resource =
      known.get(key) ??
      new SharedResource(
        () => open(client, key),
        (value) => void value.close(),
      )
    known.set(key, resource)
    return resource
  }
}
