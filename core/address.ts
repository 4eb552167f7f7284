import { splitHost } from "./target.ts";

// "[" + 45 characters of the longest IPv6 address + "]:65535".
const MAX_ADDRESS = 53;

/** An IPv4 or IPv6 address, with a port perhaps, as proxies write them: `192.0.2.1:80`, `[::1]:80`, `::1`. */
export function isAddress(entry: string): boolean {
  // First of all, because the client may have written it.
  if (entry.length > MAX_ADDRESS) {
    return false;
  }
  const [, six, four] = /^(?:\[([^[\]]+)\]|([0-9.]+))(?::[0-9]{1,5})?$/.exec(entry) ?? [];
  return four === undefined ? isIpv6(six ?? entry) : isIpv4(four);
}

function isIpv4(text: string): boolean {
  return /^(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?!$)|$)){4}$/.test(text);
}

/** Eight groups, or fewer around one `::`; the last two may be an IPv4 address. */
function isIpv6(text: string): boolean {
  const halves = text.split("::");
  if (halves.length > 2) {
    return false;
  }
  const groups = halves.flatMap((half) => (half === "" ? [] : half.split(":")));
  const last = groups.at(-1) ?? "";
  const tail = last.includes(".") ? (text.endsWith(last) && isIpv4(last) ? 2 : Number.NaN) : 0;
  const hex = tail === 0 ? groups : groups.slice(0, -1);
  const count = hex.length + tail;
  return (
    hex.every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group)) &&
    (halves.length === 2 ? count < 8 : count === 8)
  );
}

/** Takes the port off an address that `isAddress` has passed; `""` if there is none. No brackets. */
export function splitAddress(entry: string): { name: string; port: string } {
  const bare = !entry.includes("[") && entry.split(":").length > 2;
  const { name, port } = bare ? { name: entry, port: "" } : splitHost(entry);
  return { name: name.replace(/^\[|\]$/g, ""), port };
}

/** A server on `::` sees IPv4 clients in disguise; without it, as Apache has REMOTE_ADDR. */
export function plainAddress(address: string): string {
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}
