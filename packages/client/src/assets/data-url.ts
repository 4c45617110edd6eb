/** Bytes that are encoded at a time: as arguments of one call. A multiple of 3. */
const PIECE_BYTES = 24_576

/** A file as a `data:` URL. */
export async function dataUrlOf(file: Blob): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer())
  const pieces = [`data:${file.type};base64,`]
  for (let from = 0; from < bytes.length; from += PIECE_BYTES) {
    pieces.push(btoa(String.fromCharCode(...bytes.subarray(from, from + PIECE_BYTES))))
  }
  return pieces.join('')
}
