import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import { type Browser, chromium } from 'playwright-core'

const run = promisify(execFile)

/** Where systems have a Chromium or a Chrome. */
const EXECUTABLES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/**
 * The path of a Chromium: the one `CHROMIUM` names, else the system's, else one installed with apt
 * where the tests run as root. Undefined where there is none, which the output says.
 */
export async function findChromium(): Promise<string | undefined> {
  const { CHROMIUM } = process.env
  const find = () => [CHROMIUM, ...EXECUTABLES].find((path) => path && existsSync(path))
  const found = find() ?? (await installWithApt().then(find))
  if (!found) {
    process.stderr.write('no Chromium here: the tests of the web app are skipped. Set CHROMIUM\n')
  }
  return found
}

/**
 * Starts a browser without a window.
 *
 * @param detour takes connections to one address to another, `host:port` both
 */
export function launchChromium(
  executablePath: string,
  detour?: { from: string; to: string },
): Promise<Browser> {
  // Its sandbox does not start for root, and the pages are ours.
  const args = ['--no-sandbox', '--disable-dev-shm-usage']
  if (detour) args.push(`--host-resolver-rules=MAP ${detour.from} ${detour.to}`)
  return chromium.launch({ executablePath, args })
}

async function installWithApt(): Promise<void> {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  try {
    await run('apt-get', ['update', '-qq'], { env })
    await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], { env })
  } catch (error) {
    process.stderr.write(`Chromium cannot be installed: ${error}\n`)
  }
}
