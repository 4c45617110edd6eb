import {
  decodeAwarenessUpdate,
  encodeAwareness,
  encodeAwarenessEntry,
  encodeAwarenessUpdate,
} from '@mindfuse/protocol'

/** A client's state as people read it. */
export interface AwarenessState {
  clientId: number
  clock: number
  /** JSON text. */
  state: string
}

/** Writes a frame of these states. */
export function awarenessFrame(...states: readonly AwarenessState[]): Uint8Array {
  return encodeAwareness(encodeAwarenessUpdate(states.map(encodeAwarenessEntry)))
}

/** The states in an update. @throws MalformedFrameError */
export function awarenessStates(update: Uint8Array): AwarenessState[] {
  return decodeAwarenessUpdate(update).map(({ clientId, clock, bytes }) => {
    let at = 0
    // Before the text there are three numbers, whose last bytes are below 128.
    for (let numbers = 0; numbers < 3; at++) if ((bytes[at] as number) < 0x80) numbers++
    return { clientId, clock, state: Buffer.from(bytes.subarray(at)).toString() }
  })
}
