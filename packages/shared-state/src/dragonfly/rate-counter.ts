import type { Redis } from 'ioredis'
import type { RateCounter } from '../rate-counter.ts'

/** The window begins with its first count, in the same step, or a crash could leave it endless. */
const INCREMENT_SCRIPT = `
local count = redis.call('INCRBY', KEYS[1], ARGV[2])
if count == tonumber(ARGV[2]) then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return { count, redis.call('PTTL', KEYS[1]) }`

/** The rate counter that all instances share. */
export function createDragonflyRateCounter(redis: Redis): RateCounter {
  return {
    async increment(key, windowMs, by = 1) {
      const reply = await redis.eval(INCREMENT_SCRIPT, 1, `rate:${key}`, windowMs, by)
      const [count, resetsInMs] = reply as [number, number]
      return { count, resetsInMs }
    },
  }
}
