// npm run audit: fails for a published advisory on anything that runs in production. A registry that
// cannot tell, as mirrors often cannot, is said so and passes.
import { spawnSync } from 'node:child_process'

const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], { encoding: 'utf8' })
const report = parse(stdout)
const counts = report?.metadata?.vulnerabilities
if (!counts) {
  process.stdout.write('the registry cannot tell about advisories\n')
} else if (counts.total === 0) {
  process.stdout.write('no advisories\n')
} else {
  process.stdout.write(
    `${counts.total} packages with advisories: npm audit --omit=dev names them\n`,
  )
  process.exit(1)
}

function parse(text) {
  try {
    return JSON.parse(text)
  } catch {
    // npm prints an error of its own.
    return undefined
  }
}
