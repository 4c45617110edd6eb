// A thread that ends a worker process once its parent has ended: the main thread, at work on a document, does
// not notice that the channel is closed.

/** How often it checks, milliseconds. */
const CHECK_INTERVAL_MS = 500

/** Passed by the parent: by the time that this runs, the process may have another. */
const parent = Number(process.argv[2])

setInterval(() => {
  // `process.exit` would end this thread alone.
  if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL')
}, CHECK_INTERVAL_MS)
