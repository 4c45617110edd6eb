/** How many lookups of somebody's access a gateway answered from what was kept, or asked the API about. */
export async function countLookups(realtimeUrl: string, outcome: 'hit' | 'miss'): Promise<number> {
  const url = realtimeUrl.replace('ws:', 'http:').replace(/ws$/, 'metrics')
  const text = await (await fetch(url)).text()
  const line = new RegExp(`^realtime_permission_lookups_total{outcome="${outcome}"} (.*)$`, 'm')
  return Number(line.exec(text)?.[1] ?? 0)
}
