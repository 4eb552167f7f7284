/** The path of a whole URL. To parse it takes longer than all else that a hello does by hand. */
export function pathOf(url) {
  return target(url.slice(url.indexOf("/", 8)));
}

/** The path of what a request line has. */
export function target(text) {
  const end = text.indexOf("?");
  return end === -1 ? text : text.slice(0, end);
}
