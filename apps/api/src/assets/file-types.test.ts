import { expect, test } from 'vitest'
import { detectType } from './file-types.ts'

const bytes = (text: string) => Buffer.from(text, 'latin1')
const SVG = '<svg xmlns="http://www.w3.org/2000/svg"/>'
/** The header of a bitmap, with a size of the header that follows. */
const bitmap = (size: number) => {
  const head = Buffer.alloc(30)
  head.write('BM')
  head.writeUInt32LE(size, 14)
  return head
}

test.for<[string, Buffer, string | undefined]>([
  ['PNG', bytes('\x89PNG\r\n\x1a\n...'), 'image/png'],
  ['JPEG', bytes('\xff\xd8\xff\xe0...'), 'image/jpeg'],
  ['GIF', bytes('GIF89a...'), 'image/gif'],
  ['WebP', bytes('RIFF....WEBPVP8 '), 'image/webp'],
  ['AVIF', bytes('\0\0\0\x1cftypavif\0\0\0\0mif1avif'), 'image/avif'],
  ['AVIF by another brand', bytes('\0\0\0\x1cftypmif1\0\0\0\0mif1avif'), 'image/avif'],
  ['HEIC', bytes('\0\0\0\x18ftypheic\0\0\0\0mif1heic'), 'image/heic'],
  ['BMP', bitmap(40), 'image/bmp'],
  ['text that starts as BMP does', bytes('BM is short for bitmap, is it not?'), undefined],
  ['PDF', bytes('%PDF-1.7\n'), 'application/pdf'],
  ['MP4', bytes('\0\0\0\x18ftypisom\0\0\0\0isomavc1'), 'video/mp4'],
  ['MOV', bytes('\0\0\0\x14ftypqt  \0\0\0\0qt  '), 'video/quicktime'],
  ['M4A', bytes('\0\0\0\x18ftypM4A \0\0\0\0M4A isom'), 'audio/mp4'],
  ['WebM', bytes('\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm'), 'video/webm'],
  ['other Matroska', bytes('\x1a\x45\xdf\xa3\x9f\x42\x82\x88matroska'), undefined],
  ['WAV', bytes('RIFF....WAVEfmt '), 'audio/wav'],
  ['AVI', bytes('RIFF....AVI LIST'), undefined],
  ['Ogg', bytes('OggS\0'), 'audio/ogg'],
  ['MP3 with tags', bytes('ID3\x04\0'), 'audio/mpeg'],
  ['MP3', bytes('\xff\xfb\x90\x64'), 'audio/mpeg'],
  ['UTF-16', bytes('\xff\xfe<\0s\0v\0g\0'), undefined],
  ['SVG', bytes(SVG), 'image/svg+xml'],
  [
    'SVG after a prolog',
    Buffer.from(`\uFEFF<?xml version="1.0"?>\n<!-- a > b -->\n${SVG}`),
    'image/svg+xml',
  ],
  [
    'SVG of a DTD',
    bytes(`<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://x">${SVG}`),
    'image/svg+xml',
  ],
  ['SVG with entities', bytes(`<!DOCTYPE svg [<!ENTITY a "b">]>${SVG}`), undefined],
  ['HTML with an SVG', bytes(`<html>${SVG}</html>`), undefined],
  ['HTML after a comment', bytes(`<!-- <svg> --><!doctype html>${SVG}`), undefined],
  ['an element that starts as svg does', bytes('<svgx/>'), undefined],
  ['a ZIP', bytes('PK\x03\x04'), undefined],
  ['a script', bytes('#!/bin/sh'), undefined],
  ['nothing', bytes(''), undefined],
  ['a box that is cut', bytes('\0\0\0\x18ftyp'), undefined],
])('%s', ([_, head, type]) => {
  expect(detectType(head)).toBe(type)
})

test('a start that is made to take long is told apart at once', () => {
  const starts = ['<!--', '<?xml ', '<!DOCTYPE svg ', ' ', '<!---->', '<?xml ?>']
  for (const start of starts) {
    const head = bytes(start.repeat(4_096 / start.length))
    const begun = performance.now()
    expect(detectType(head)).toBeUndefined()
    expect(performance.now() - begun).toBeLessThan(100)
  }
})
