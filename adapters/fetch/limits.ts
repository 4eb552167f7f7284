// Every figure of this adapter, with its unit and where it comes from.

/** Bytes that are read at once of a request body, if it can have so many and less are waited for. Our choice. */
export const SMALLEST_BLOCK = 16_384;

/** Bytes at most: what a socket gives at once to Deno and workerd. Measured. */
export const LARGEST_BLOCK = 65_536;
