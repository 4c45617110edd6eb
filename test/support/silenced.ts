import type { SharedState } from '@mindfuse/shared-state'

/** Shared state in which changes that others publish are not received. */
export const silenced = (sharedState: SharedState): SharedState => ({
  ...sharedState,
  events: { ...sharedState.events, subscribe: () => () => undefined },
  access: { ...sharedState.access, subscribe: () => () => undefined },
})
