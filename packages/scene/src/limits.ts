/** Most elements that a scene shows; those in front of them are left out. */
export const MAX_ELEMENTS = 100_000

/** Largest coordinate or size of an element, in either direction: beyond it is no drawing. */
export const MAX_COORDINATE = 1e9

/** Widest stroke. */
export const MAX_STROKE_WIDTH = 1_000

/** Roughest lines: Excalidraw's own are 0 to 2. */
export const MAX_ROUGHNESS = 100

/** Largest text, units of the scene. */
export const MAX_FONT_SIZE = 10_000

/** Highest line of a text, as a multiple of its size. */
export const MAX_LINE_HEIGHT = 100

/** Most points of a line or stroke. */
export const MAX_POINTS = 100_000

/** Longest text of one element, UTF-16 code units. */
export const MAX_TEXT_LENGTH = 1_000_000

/** Longest of all other strings, addresses of embeds among them, UTF-16 code units. */
export const MAX_STRING_LENGTH = 100_000

/** Longest id of an element, group, file or other thing that is referred to. */
export const MAX_ID_LENGTH = 256

/** Longest list of an element, other than of points. */
export const MAX_LIST_LENGTH = 10_000

/** How deep a value of unknown meaning may nest, such as custom data. */
export const MAX_VALUE_DEPTH = 32

/** Most values within a value of unknown meaning. */
export const MAX_VALUE_PARTS = 100_000
