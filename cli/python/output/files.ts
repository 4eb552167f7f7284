/** What `writeFiles` needs of Emscripten's file system. */
export interface FileSystem {
  mkdirTree(path: string): void;
  writeFile(path: string, content: Uint8Array, options?: { canOwn: boolean }): void;
}

/**
 * Writes a packed folder into a file system.
 *
 * The files are parts of the archive, not copies, which is why it is not compressed: Django's 2,500
 * would take half a second to unpack.
 *
 * @param archive Empty, or: 4 bytes, the length of the JSON that follows: `[[path, length], ...]`; then the
 *   contents in that order. Numbers are little-endian.
 */
export function writeFiles(files: FileSystem, archive: Uint8Array, folder: string): void {
  if (archive.length === 0) {
    return;
  }
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  const size = view.getUint32(0, true);
  const text = new TextDecoder().decode(archive.subarray(4, 4 + size));
  const entries: readonly (readonly [path: string, length: number])[] = JSON.parse(text);
  const made = new Set<string>();
  let position = 4 + size;
  for (const [path, length] of entries) {
    const parent = `${folder}/${path}`.replace(/\/[^/]*$/, "");
    if (!made.has(parent)) {
      files.mkdirTree(parent);
      made.add(parent);
    }
    const content = archive.subarray(position, position + length);
    files.writeFile(`${folder}/${path}`, content, { canOwn: true });
    position += length;
  }
}
