import { type Browser, chromium } from 'playwright-core'
import { findProgram } from './apt.ts'

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
export function findChromium(): Promise<string | undefined> {
  return findProgram([process.env.CHROMIUM ?? '', ...EXECUTABLES], 'chromium')
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
