/** Of which size the start of a file has to be known for {@link detectType}, bytes. */
export const HEAD_BYTES = 4_096

/** What files may be, by their media type. */
export const FILE_TYPES = {
  'image/png': { extension: 'png', isShown: true },
  'image/jpeg': { extension: 'jpg', isShown: true },
  'image/gif': { extension: 'gif', isShown: true },
  'image/webp': { extension: 'webp', isShown: true },
  'image/avif': { extension: 'avif', isShown: true },
  'image/heic': { extension: 'heic', isShown: true },
  'image/bmp': { extension: 'bmp', isShown: true },
  // A document with scripts where it is opened by itself.
  'image/svg+xml': { extension: 'svg', isShown: false },
  'application/pdf': { extension: 'pdf', isShown: false },
  'video/mp4': { extension: 'mp4', isShown: false },
  'video/quicktime': { extension: 'mov', isShown: false },
  'video/webm': { extension: 'webm', isShown: false },
  'audio/mp4': { extension: 'm4a', isShown: false },
  'audio/mpeg': { extension: 'mp3', isShown: false },
  'audio/wav': { extension: 'wav', isShown: false },
  'audio/ogg': { extension: 'ogg', isShown: false },
} as const satisfies Record<string, FileType>

interface FileType {
  extension: string
  /** Whether a browser that opens it shows it, rather than to download it. */
  isShown: boolean
}

/** One of {@link FILE_TYPES}. */
export type ContentType = keyof typeof FILE_TYPES

/**
 * The type of a file by its first bytes, whatever its sender calls it; undefined for one that is not among
 * {@link FILE_TYPES}. Nothing is decoded.
 */
export function detectType(head: Buffer): ContentType | undefined {
  return SIGNATURES.find(({ matches }) => matches(head))?.type
}

interface Signature {
  type: ContentType
  matches: (head: Buffer) => boolean
}

const startsWith =
  (text: string, at = 0) =>
  (head: Buffer) =>
    head.toString('latin1', at, at + text.length) === text

const riff = (form: string) => (head: Buffer) =>
  startsWith('RIFF')(head) && startsWith(form, 8)(head)

const branded = (brands: RegExp) => (head: Buffer) =>
  brandsOf(head).some((brand) => brands.test(brand))

/** The first that matches counts: pictures name brands of video too. */
const SIGNATURES: readonly Signature[] = [
  { type: 'image/png', matches: startsWith('\x89PNG\r\n\x1a\n') },
  { type: 'image/jpeg', matches: startsWith('\xff\xd8\xff') },
  { type: 'image/gif', matches: (head) => /^GIF8[79]a/.test(head.toString('latin1', 0, 6)) },
  { type: 'image/webp', matches: riff('WEBP') },
  { type: 'image/avif', matches: branded(/^avi[fs]$/) },
  { type: 'image/heic', matches: branded(/^(hei[cxms]|hev[cxms])$/) },
  { type: 'image/bmp', matches: isBmp },
  { type: 'image/svg+xml', matches: isSvg },
  { type: 'application/pdf', matches: startsWith('%PDF-') },
  { type: 'audio/mp4', matches: startsWith('ftypM4A ', 4) },
  { type: 'video/quicktime', matches: startsWith('ftypqt  ', 4) },
  { type: 'video/mp4', matches: branded(/^(isom|iso[2-9]|mp4[12]|avc1|dash|M4V )$/) },
  { type: 'video/webm', matches: isWebm },
  { type: 'audio/wav', matches: riff('WAVE') },
  { type: 'audio/ogg', matches: startsWith('OggS') },
  { type: 'audio/mpeg', matches: isMp3 },
]

/** The brands that the `ftyp` box of an ISO media file names (ISO/IEC 14496-12, 4.3). */
function brandsOf(head: Buffer): string[] {
  if (head.length < 16 || !startsWith('ftyp', 4)(head)) return []
  const end = Math.min(head.readUInt32BE(0), head.length)
  const brands = [head.toString('latin1', 8, 12)]
  // Four bytes between them are the version.
  for (let at = 16; at + 4 <= end; at += 4) brands.push(head.toString('latin1', at, at + 4))
  return brands
}

/** With a header of one of the sizes that there are: two letters alone start many a text. */
function isBmp(head: Buffer): boolean {
  const sizes = [12, 40, 52, 56, 64, 108, 124]
  return head.length >= 18 && startsWith('BM')(head) && sizes.includes(head.readUInt32LE(14))
}

/** EBML whose document type, among its first fields, is that of WebM and not of any Matroska. */
function isWebm(head: Buffer): boolean {
  return startsWith('\x1a\x45\xdf\xa3')(head) && head.subarray(0, 64).includes('webm')
}

/** Tags of ID3, or a frame of layer III. */
function isMp3(head: Buffer): boolean {
  const [first = 0, second = 0] = head
  return startsWith('ID3')(head) || (first === 0xff && (second & 0xe6) === 0xe2)
}

/** What may stand before the root of an SVG: a byte order mark, and what XML has there. */
const PROLOG = /^\uFEFF?(?:\s+|<\?xml\s[^>]*\?>|<!--[\s\S]*?-->|<!DOCTYPE\s+svg[^>[]*>)*/
const SVG_ROOT = /^<svg[\s/>]/

/** Text, whose root is `<svg>`. One that defines entities is none that we take. */
function isSvg(head: Buffer): boolean {
  if (head.includes(0)) return false
  const text = head.toString('utf8')
  return SVG_ROOT.test(text.slice(PROLOG.exec(text)?.[0].length))
}
