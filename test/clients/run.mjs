// Runs the suite of clients: `npm run test:clients`, or with `-- --write` to record what it finds. `--node`
// leaves out what needs a browser, and installs nothing of it; other arguments go to Vitest.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const FOLDER = fileURLToPath(new URL('.', import.meta.url))
const ROOT = fileURLToPath(new URL('../../', import.meta.url))

function run(cwd, command, args, environment = {}) {
  const env = { ...process.env, ...environment }
  const { status } = spawnSync(command, args, { cwd, env, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

const own = new Set(['--write', '--node'])
const given = process.argv.slice(2)
const isNodeOnly = given.includes('--node')

// Nothing here needs a script to install it; `devDependencies` are what runs in a browser.
const omitted = isNodeOnly ? ['--omit=dev', '--omit=optional'] : []
run(FOLDER, 'npm', ['ci', '--ignore-scripts', '--no-audit', '--loglevel=error', ...omitted])
if (!isNodeOnly) run(ROOT, 'npx', ['tsc', '-p', FOLDER])
run(
  ROOT,
  'npx',
  ['vitest', 'run', '--project', 'clients', ...given.filter((argument) => !own.has(argument))],
  {
    ...(given.includes('--write') && { CLIENTS_WRITE: '1' }),
    ...(isNodeOnly && { CLIENTS_IN: 'Node' }),
  },
)
