import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { STORED_INSPECTION } from './inspect-options.ts'
import { inspectUpdate } from './inspect-update.ts'
import { MalformedUpdateError } from './malformed-update-error.ts'
import { UnsupportedContentError } from './unsupported-content-error.ts'

/** Updates that ywasm 0.18.3 made. */
const MADE_BY_YRS = {
  'a weak link to a value of a map':
    '0103979cf6b50a0008010161047d017d027d037d042801016d017801770376616c2701016d036c6e6b0704979cf6b50a0400',
  'a weak link to a range of an array':
    '0106979cf6b50a0008010161017d0188979cf6b50a00027d027d0388979cf6b50a02017d042801016d017801770376616c2701016d036c6e6b0704979cf6b50a042701016d01710705979cf6b50a01979cf6b50a0200',
  'a move in an array':
    '0104d3e9bc080008010161017d0188d3e9bc0800027d027d0388d3e9bc0802017d04cbd3e9bc0802d3e9bc08038301d3e9bc080000',
}

describe.each(Object.entries(MADE_BY_YRS))('%s', (_, hex) => {
  const update = new Uint8Array(Buffer.from(hex, 'hex'))

  test('makes Yjs throw', () => {
    expect(() => Y.applyUpdate(new Y.Doc(), update)).toThrow(TypeError)
    expect(() => Y.mergeUpdates([update, update])).toThrow(TypeError)
  })

  test.each([undefined, STORED_INSPECTION])(
    'is unsupported, and to storage malformed',
    (options) => {
      const inspect = () => inspectUpdate(update, options)
      expect(inspect).toThrow(UnsupportedContentError)
      expect(inspect).toThrow(MalformedUpdateError)
      expect(inspect).toThrow(expect.objectContaining({ code: 'unsupported_content' }))
    },
  )
})
