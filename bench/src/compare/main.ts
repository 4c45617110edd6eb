import { startBackend } from '../backend.ts'
import { pinLoad } from './cores.ts'
import { Crowd } from './crowd.ts'
import { play } from './load.ts'
import { startMindfuse } from './mindfuse.ts'
import { PEERS, type Target } from './targets.ts'

pinLoad()
const backend = await startBackend()
const targets: Target[] = [...PEERS, { name: 'Mindfuse', start: (l) => startMindfuse(backend, l) }]
const only = process.argv[2]
for (const target of targets) {
  if (only && !target.name.includes(only)) continue
  for (const kind of ['cursor', 'edit'] as const) {
    const layout = { boards: 1, perBoard: 100 }
    const running = await target.start(layout)
    const crowd = await Crowd.connect(running, layout)
    const result = await play(crowd, layout, {
      pid: running.pid,
      plans: [{ kind, senders: 50, ratePerSecond: 10, fromMs: 0, toMs: 6000 }],
      fromMs: 2000,
      toMs: 6000,
    })
    crowd.disconnect()
    await running.stop()
    const [stream] = result.streams
    if (!stream) continue
    process.stdout.write(
      `${target.name} ${kind} ${((result.cpuMs * 1000) / stream.received).toFixed(2)} us p50 ${stream.latency.quantile(0.5).toFixed(2)} p99 ${stream.latency.quantile(0.99).toFixed(2)} max ${stream.latency.max.toFixed(1)} delivered ${stream.delivered.toFixed(4)} msgs ${result.messages} recv ${stream.received} exp ${stream.expected} load ${result.loadCpu.toFixed(2)} late99 ${result.lateness.quantile(0.99).toFixed(2)} holes ${stream.holes} lost ${result.lost} server ${(result.cpuMs / result.wallMs).toFixed(2)}\n`,
    )
  }
}
await backend.stop()
