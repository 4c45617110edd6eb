import { Type } from 'typebox'

/** Which build of a service runs. */
export interface Release {
  version: string
  /** The commit. */
  revision: string
}

/** What a build is that names no release. */
export const DEVELOPMENT: Release = { version: 'development', revision: 'unknown' }

/** The response header that has the version. */
export const RELEASE_HEADER = 'mindfuse-release'

const text = (what: string, fallback: string) =>
  Type.String({ default: fallback, pattern: '^[\\w.+-]{1,64}$', description: what })

/** The settings of both services that say which release they are of; the images set them. */
export const releaseSettings = {
  RELEASE_VERSION: text('the version of this release', DEVELOPMENT.version),
  RELEASE_REVISION: text('the commit that it was built from', DEVELOPMENT.revision),
}

/** The release that the settings name. */
export function releaseOf(config: { RELEASE_VERSION: string; RELEASE_REVISION: string }): Release {
  return { version: config.RELEASE_VERSION, revision: config.RELEASE_REVISION }
}
