/** Registers how to stop what a step has started. */
export type OnStop = (stop: () => Promise<unknown>) => void

/**
 * Runs a start of several steps. What they have started is stopped in the reverse order: by the `stop`
 * of the result, or at once where a later step fails, so that nothing stays open behind the error.
 *
 * @example
 * const service = await startInSteps(async (onStop) => {
 *   const database = openDatabase(url)
 *   onStop(database.close)
 *   const app = await buildApi({ database })
 *   onStop(() => app.close())
 *   return { app }
 * })
 * await service.stop()
 */
export async function startInSteps<Started extends object>(
  start: (onStop: OnStop) => Promise<Started>,
): Promise<Started & { stop(): Promise<void> }> {
  const stops: (() => Promise<unknown>)[] = []
  const stop = async () => {
    const failures: unknown[] = []
    for (let next = stops.pop(); next; next = stops.pop()) {
      // A step that fails to stop must not keep the earlier ones, such as a database, from stopping.
      await next().catch((error: unknown) => failures.push(error))
    }
    if (failures.length > 0) throw failures[0]
  }
  try {
    return { ...(await start((next) => stops.push(next))), stop }
  } catch (error) {
    // Why the start failed matters more than what then fails to stop.
    await stop().catch(() => undefined)
    throw error
  }
}
