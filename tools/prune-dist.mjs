// Deletes from `dist` of the package that it runs in what was built from sources that are gone: the
// compiler leaves those files, and `npm pack` would publish them.
import { existsSync, readdirSync, rmSync } from 'node:fs'

for (const file of readdirSync('dist', { recursive: true })) {
  const source = file.replace(/\.(js|d\.ts)(\.map)?$/, '.ts')
  if (source !== file && !existsSync(`src/${source}`)) rmSync(`dist/${file}`)
}
