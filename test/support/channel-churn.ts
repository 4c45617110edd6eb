import type { testWithChannelCrowd } from './channel-crowd.ts'

/** How soon everybody knows what is so, milliseconds. */
const SOON_MS = 1_000

/** A dead gateway is known by its lease, which lasts for 3 seconds. */
const DEAD_MS = 5_000

/** `CHANNEL_SEED=…` repeats a run. */
const SEED = Number(process.env.CHANNEL_SEED ?? Date.now() % 2 ** 31)

/** Tries that all know who is there, while so many a second come and go for so long, and after failures. */
export function tryChurn(
  test: ReturnType<typeof testWithChannelCrowd>,
  churn: { perSecond: number; seconds: number },
): void {
  test('CHAN-3: all know within a second who is there, while many come and go, also after a gateway was killed and Redis came back empty', {
    timeout: 300_000,
  }, async ({ crowd, people, realtimeUrls, gateways, redis, annotate }) => {
    await crowd.join(people, realtimeUrls)
    await crowd.agrees(DEAD_MS)
    await crowd.churn({ ...churn, seed: SEED })
    const figures = { seed: SEED, churned: await crowd.agrees(SOON_MS) }

    await redis.stop()
    const comeBack = crowd.changeAndLeave(churn.perSecond)
    await redis.start()
    await comeBack()
    const emptied = await crowd.agrees(DEAD_MS)
    await crowd.churn({ ...churn, seed: SEED + 1 })
    const churnedAgain = await crowd.agrees(SOON_MS)

    await gateways[1]?.stop('SIGKILL')
    const killedAt = performance.now()
    await crowd.join(crowd.takeLost(realtimeUrls[1] ?? ''), realtimeUrls.slice(0, 1))
    const untilDead = killedAt + DEAD_MS - performance.now()
    const killed = await crowd.agrees(Math.max(SOON_MS, untilDead))
    await annotate(JSON.stringify({ ...figures, emptied, churnedAgain, killed }))
  })
}
