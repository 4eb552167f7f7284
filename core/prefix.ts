/** Whether a native string can be a mount point: `/path`, without a trailing slash. */
export function isPrefix(prefix: string): boolean {
  return /^(?:\/[\0-\x2e\x30-\xff]+)+$/.test(prefix);
}

/**
 * The rest of a path below a mount point, cut at a segment boundary: `/app` does not contain
 * `/application`.
 *
 * @returns `undefined` if the path is not below it.
 */
export function belowPrefix(prefix: string, path: string): string | undefined {
  if (!path.startsWith(prefix)) {
    return undefined;
  }
  const rest = path.slice(prefix.length);
  return rest === "" || rest.startsWith("/") ? rest : undefined;
}
