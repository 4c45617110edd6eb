/**
 * How many rounds a gateway may be silent before it counts as having left the board. Each announces
 * itself every round: that all of these messages were lost is less likely than that its leaving was.
 */
const MAX_SILENT_ROUNDS = 5

/** For how many rounds each other gateway has been silent. */
export class SilentGateways {
  readonly #rounds = new Map<string, number>()

  /** It sent something, or is gone. */
  forget(gatewayId: string): void {
    this.#rounds.delete(gatewayId)
  }

  /** Counts a round. @returns those of these gateways that have been silent for too long */
  countRound(gatewayIds: Iterable<string>): string[] {
    return [...gatewayIds].filter((gatewayId) => {
      const rounds = (this.#rounds.get(gatewayId) ?? 0) + 1
      this.#rounds.set(gatewayId, rounds)
      return rounds > MAX_SILENT_ROUNDS
    })
  }
}
