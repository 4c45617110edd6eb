import { expect, test } from 'vitest'
import { pageAddressOf } from './page-address.ts'

/** What a browser would take a file for, whose address is opened by itself. */
async function openedAs(type: string) {
  const url = await pageAddressOf(new Blob(['<svg xmlns="http://www.w3.org/2000/svg"/>'], { type }))
  try {
    return [new URL(url).protocol, (await (await fetch(url)).blob()).type]
  } finally {
    URL.revokeObjectURL(url)
  }
}

test.each(['image/png', 'image/jpeg', 'video/mp4', 'audio/mpeg', 'application/pdf'])(
  '%s is shown',
  async (type) => {
    expect(await openedAs(type)).toEqual(['blob:', type])
  },
)

test.each(['image/svg+xml', 'image/svg+xml;charset=utf-8', 'application/xhtml+xml', 'text/xml'])(
  '%s is shown without the origin of the page',
  async (type) => {
    expect(await openedAs(type)).toEqual(['data:', 'image/svg+xml'])
  },
)

test.each(['', 'text/html', 'text/javascript', 'application/x-anything'])(
  '%s is no document',
  async (type) => {
    expect(await openedAs(type)).toEqual(['blob:', 'application/octet-stream'])
  },
)
