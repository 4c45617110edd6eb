import type { BoardRelay } from './board-relay.ts'
import { RELAY_KINDS, type RelayMessage } from './envelope.ts'
import { SilentGateways } from './silent-gateways.ts'

/** What peers have to do with a board or channel. */
export interface PeersDeps {
  relay: BoardRelay
  /** The other gateways that connections are on. */
  present: () => Iterable<string>
  /** Announces all connections of this gateway. */
  announce: () => void
  /** A gateway counts as having left. */
  onSilent: (gatewayId: string) => void
}

/** The other gateways that have a board or channel open: each knows the connections of all others. */
export class Peers {
  readonly #deps: PeersDeps
  readonly #silent = new SilentGateways()

  constructor(deps: PeersDeps) {
    this.#deps = deps
  }

  /** The gateways that have it open, or that connections are on. */
  get all(): Set<string> {
    const { relay, present } = this.#deps
    return new Set([...relay.gateways, ...present()])
  }

  /** Asks the other gateways to announce their connections. */
  query(): void {
    this.#deps.relay.send(RELAY_KINDS.QUERY, new Uint8Array())
  }

  /** A message arrived. @param isFirst nothing was announced while its gateway was not known */
  heard({ gatewayId, kind }: RelayMessage, isFirst: boolean): void {
    this.#silent.forget(gatewayId)
    if (isFirst || kind === RELAY_KINDS.QUERY) this.#deps.announce()
  }

  /**
   * An anti-entropy round: announces this gateway's connections, or finds out whether there is any other gateway.
   * @param options.isSilenceTrusted whether a gateway that is silent has really sent nothing
   */
  round({ isSilenceTrusted }: { isSilenceTrusted: boolean }): void {
    const { announce, onSilent } = this.#deps
    const others = this.all
    if (others.size > 0) announce()
    else this.query()
    if (!isSilenceTrusted) return
    for (const gatewayId of this.#silent.countRound(others)) onSilent(gatewayId)
  }

  /** A gateway died or left. */
  forget(gatewayId: string): void {
    this.#deps.relay.forget(gatewayId)
    this.#silent.forget(gatewayId)
  }
}
