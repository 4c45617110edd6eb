// React reads these when it is imported. All else, `fetch` and timers too, stays Node's: services run in this process.
import { Window } from 'happy-dom'

const window = new Window({ url: 'http://localhost/' })
Object.assign(globalThis, { window, document: window.document })
// Node 20 has none.
globalThis.navigator ??= window.navigator as unknown as Navigator
