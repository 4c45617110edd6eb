// Preloaded into a gateway: its wall clock is off by what the file says that CLOCK_FILE names. Only the time
// of day jumps, as it does when NTP sets it or a machine wakes up: the monotonic clock, and with it timers
// and performance.now(), go on.
const { readFileSync } = require('node:fs')

/** How often the file is read, milliseconds. */
const READ_EVERY_MS = 20

const RealDate = Date
let offsetMs = 0
const now = () => RealDate.now() + offsetMs

function read() {
  offsetMs = Number(readFileSync(process.env.CLOCK_FILE, 'utf8'))
}

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  apply: () => new RealDate(now()).toString(),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
})

read()
setInterval(read, READ_EVERY_MS).unref()
