import { spawnSync } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeDataDir } from '../support/data-dir.ts'
import { type ServiceProcess, startProcess } from '../support/process.ts'

const TOUR = new URL('../../docs/TOUR.md', import.meta.url)

/** Longest wait for a command that does not end by itself, seconds. */
const STREAM_SECONDS = 2

/** Each command of the tour with the output that the page shows for it, if any. */
const steps = [
  ...(await readFile(TOUR, 'utf8')).matchAll(/^```bash\n(.*?)^```$(?:\n\n^```\n(.*?)^```$)?/gms),
].map(([, command = '', shown = '']) => ({ command, shown }))

describe('docs/TOUR.md', () => {
  let dataDir: string
  let service: ServiceProcess
  let outputs: string[]

  beforeAll(async () => {
    dataDir = await makeDataDir()
    const environment = { API_PORT: '0', REALTIME_PORT: '0', DATA_DIR: dataDir }
    service = startProcess('apps/standalone/dist/main.js', environment)
    const [, api = ''] = await service.untilPrinted(/API +(http:\S+)/)
    const [, gateway = ''] = await service.untilPrinted(/Gateway +ws:\/\/(\S+?)\/ws/)
    const script = steps
      .map(({ command }) =>
        command.replace(/^(curl -sN|node examples)/gm, `timeout ${STREAM_SECONDS} $1`),
      )
      .join('printf "\\n@@@\\n"\n')
      .replaceAll('http://localhost:8080', api)
      .replaceAll('localhost:8081', gateway)
    // The jar is in the data directory, not in the repository.
    const env = { ...process.env, REALTIME_URL: `ws://${gateway}/ws` }
    const { stdout } = spawnSync('bash', ['-c', script.replaceAll('jar', `${dataDir}/jar`)], {
      env,
    })
    outputs = `${stdout}`.split('\n@@@\n')
  })
  afterAll(async () => {
    await service?.stop()
    await rm(dataDir, { recursive: true, force: true })
  })

  test('has commands, and shows the output of most', () => {
    expect(steps.length).toBeGreaterThan(10)
    expect(steps.filter(({ shown }) => shown !== '').length).toBeGreaterThan(7)
  })

  test.each(steps.map(({ command, shown }, i) => ({ i, shown, line: command.split('\n')[0] })))(
    'prints what it shows after $line',
    ({ i, shown }) => {
      expect(namesIn(outputs[i] ?? '')).toEqual(expect.arrayContaining(namesIn(shown)))
    },
  )
})

/** Names of fields, stable codes and events: what does not change from run to run. */
function namesIn(output: string): string[] {
  return output.match(/"\w+":|urn:\S+?(?=")|^event: .*$|^(retry|connected).*$/gm) ?? []
}
