// npm run dev: builds, runs everything in one process, and starts it anew when a source has changed.
import { spawn } from 'node:child_process'
import { watch } from 'node:fs'

/** What the bundle of the web app is made from; all else is TypeScript's to watch. */
const WEB_SOURCES = [
  'apps/web/src',
  ...['client', 'excalidraw', 'protocol', 'react', 'scene'].map((name) => `packages/${name}/src`),
]

/** An editor writes several files at once, milliseconds. */
const SETTLE_MS = 200

let service
/** One restart at a time; what comes meanwhile is another after it. */
let restarting = Promise.resolve()
let isEnding = false

function restart() {
  restarting = restarting.then(async () => {
    if (isEnding) return
    await stop()
    service = spawn(process.execPath, ['--enable-source-maps', 'apps/standalone/dist/main.js'], {
      stdio: 'inherit',
    })
  })
}

async function stop() {
  if (!service || service.exitCode !== null) return
  const ended = new Promise((resolve) => service.once('exit', resolve))
  service.kill('SIGTERM')
  await ended
}

function buildWeb() {
  const build = spawn(process.execPath, ['apps/web/build.mjs'], { stdio: 'inherit' })
  return new Promise((resolve) => build.once('exit', (code) => resolve(code === 0)))
}

await buildWeb()
const compiler = spawn('npx', ['--no-install', 'tsc', '-b', '--watch', '--preserveWatchOutput'], {
  stdio: ['ignore', 'pipe', 'inherit'],
})
compiler.stdout.on('data', (chunk) => {
  const text = `${chunk}`
  process.stdout.write(text)
  if (/Found 0 errors/.test(text)) restart()
})

let timer
for (const directory of WEB_SOURCES) {
  watch(directory, { recursive: true }, () => {
    clearTimeout(timer)
    timer = setTimeout(async () => {
      // The API reads the page when it starts.
      if (await buildWeb()) restart()
    }, SETTLE_MS)
  })
}

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, async () => {
    isEnding = true
    compiler.kill()
    await restarting
    await stop()
    process.exit(0)
  })
}
