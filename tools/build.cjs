// Compiles what is named, or everything: `node tools/build.cjs apps/api apps/web`. What is up to date is
// left alone. Says first of all when this Node is too old, and is written so that such a Node can read it;
// `--check` does no more than that.
'use strict'

const WEB = 'apps/web'
// What the bundler of the web app loads as a program of its own, before there are sources to bundle.
const BUNDLER = 'packages/excalidraw'

function fail(line) {
  process.stderr.write(`${line}\n`)
  process.exit(1)
}

function requireNode(minimum) {
  const [major, minor] = process.versions.node.split('.').map(Number)
  const [minMajor, minMinor] = minimum.split('.').map(Number)
  if (major < minMajor || (major === minMajor && minor < minMinor)) {
    fail(`Mindfuse needs Node ${minimum} or later, and this is Node ${process.versions.node}`)
  }
}

function findCompiler() {
  try {
    // By its manifest: its exports do not name its program.
    return require.resolve('typescript/package.json').replace('package.json', 'bin/tsc')
  } catch (_error) {
    return fail('dependencies are missing: run npm install')
  }
}

function run(args) {
  const { spawnSync } = require('node:child_process')
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' })
  if (status !== 0) process.exit(status || 1)
}

requireNode(require('../package.json').engines.node.replace('>=', ''))
const targets = process.argv.slice(2)
if (targets[0] !== '--check') {
  run([findCompiler(), '-b'].concat(targets.map((target) => (target === WEB ? BUNDLER : target))))
  if (targets.length === 0 || targets.indexOf(WEB) !== -1) run([`${WEB}/build.mjs`])
}
