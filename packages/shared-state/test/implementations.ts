import { eventually } from '@mindfuse/testing'
import { Redis } from 'ioredis'
import { inject } from 'vitest'
import { createDragonflySharedState } from '../src/dragonfly/shared-state.ts'
import { createMemoryEventBus } from '../src/memory/event-bus.ts'
import { createMemoryPermissionCache } from '../src/memory/permission-cache.ts'
import { createMemoryPresenceStore } from '../src/memory/presence-store.ts'
import { createMemoryRateCounter } from '../src/memory/rate-counter.ts'
import { createMemoryRelay } from '../src/memory/relay.ts'
import { createMemorySharedState } from '../src/memory/shared-state.ts'
import type { SharedState } from '../src/shared-state.ts'

/** Shared state as two instances see it, and a way to let time pass for it. */
export interface Subject {
  one: SharedState
  other: SharedState
  /** Lets the keys that contain `part` lose so much of their time. */
  pass(ms: number, part: string): Promise<void>
  close(): Promise<void>
}

/** A database of its own, as some of it is forgotten: others run at the same time. */
const DATABASE = 9

/** Every implementation that the contract suites are run over. */
export const IMPLEMENTATIONS: Record<string, () => Promise<Subject>> = {
  'in memory': async () => {
    let now = 1_000_000
    const clock = () => now
    const state: SharedState = {
      ...createMemorySharedState(),
      events: createMemoryEventBus(),
      relay: createMemoryRelay(),
      permissions: createMemoryPermissionCache(clock),
      rates: createMemoryRateCounter(clock),
      presence: createMemoryPresenceStore(clock),
    }
    return {
      one: state,
      other: state,
      pass: async (ms) => {
        now += ms
      },
      close: () => state.close(),
    }
  },

  'on a server of the Redis protocol': async () => {
    const url = `${inject('redisUrl')}/${DATABASE}`
    const connect = async () => {
      const state = createDragonflySharedState({ url, onError: () => undefined })
      // The bus shares its connection with the relay, so both are heard once it is.
      let isHeard = false
      const end = state.events.subscribe(() => {
        isHeard = true
      })
      await eventually('the line is up', () => state.events.publish('').then(() => isHeard))
      end()
      return state
    }
    const [one, other] = await Promise.all([connect(), connect()])
    const raw = new Redis(url)
    return {
      one,
      other,
      // The server's clock cannot be moved: its keys lose of their time what passes.
      async pass(ms, part) {
        for (const key of await raw.keys(`*${part}*`)) {
          await raw.pexpire(key, Math.max((await raw.pttl(key)) - ms, 0))
        }
      },
      async close() {
        raw.disconnect()
        await Promise.all([one.close(), other.close()])
      },
    }
  },
}
