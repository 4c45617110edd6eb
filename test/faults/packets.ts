import { execFileSync } from 'node:child_process'
import { networkInterfaces } from 'node:os'

/** Whether the kernel drops the packets of partitioned and lossy links. Otherwise proxies hold them back. */
export const DROPS_PACKETS = process.env.FAULT_NETWORK === 'packets'

/** Which packets of connections to a port go in which direction. */
const OPTIONS = { requests: '--dport', answers: '--sport' } as const

type Direction = keyof typeof OPTIONS

/** The packets of connections to one port that the kernel drops, in a network namespace of the trial's own. */
export class PacketDrops {
  readonly #port: number
  #rules: string[][] = []

  constructor(port: number) {
    // Rules that an interrupted trial leaves behind go with its namespace.
    if (Object.keys(networkInterfaces()).some((name) => name !== 'lo')) {
      throw new Error('FAULT_NETWORK=packets needs a network namespace with only lo: unshare --net')
    }
    this.#port = port
  }

  /** @param share of them, each at random */
  drop(share: number, only?: Direction): void {
    const chance =
      share < 1 ? ['-m', 'statistic', '--mode', 'random', '--probability', `${share}`] : []
    const directions = only ? [only] : (['requests', 'answers'] as const)
    for (const direction of directions) {
      const rule = ['OUTPUT', '-p', 'tcp', OPTIONS[direction], `${this.#port}`, ...chance]
      iptables('-A', rule)
      this.#rules.push(rule)
    }
  }

  end(): void {
    for (const rule of this.#rules.splice(0)) iptables('-D', rule)
  }
}

function iptables(action: '-A' | '-D', rule: readonly string[]): void {
  execFileSync('iptables', ['-w', action, ...rule, '-j', 'DROP'])
}
