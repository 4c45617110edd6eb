import type { Client } from '@mindfuse/client'
import { SharedResource } from './shared-resource.ts'

/**
 * What components share of each client, by key. A resource stays listed after it is closed, because a component
 * that has not mounted yet may be about to hold it: two resources of one board would close it for each other.
 *
 * @param open receives the options that a component gave last
 */
export function clientResources<T extends { close(): unknown }, Options = void>(
  open: (client: Client, key: string, options: Options) => T,
): (client: Client, key: string, options: Options) => SharedResource<T> {
  interface Listed {
    options: Options
    resource: SharedResource<T>
  }
  const ofClients = new WeakMap<Client, Map<string, Listed>>()

  return (client, key, options) => {
    const known = ofClients.get(client) ?? new Map<string, Listed>()
    ofClients.set(client, known)
    const listed = known.get(key)
    if (listed) {
      listed.options = options
      return listed.resource
    }
    const resource = new SharedResource(
      () => open(client, key, added.options),
      (value) => void value.close(),
    )
    const added: Listed = { options, resource }
    known.set(key, added)
    return resource
  }
}
