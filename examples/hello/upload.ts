import { sha256 } from "@noble/hashes/sha2.js";
import { type Application, json } from "dram";
import { decode, parseForm } from "./strings.ts";

const BLOCK = 65_536;

/**
 * Answers with name, size and SHA-256 of the file that is the request body. However large the
 * file, no more than one block of it is here at a time.
 *
 * `POST /upload?name=NAME` is what the page sends; `PUT /upload/NAME` is `curl -T`.
 */
export const upload: Application = async (environ, startResponse) => {
  const input = environ["wsgi.input"];
  const hash = sha256.create();
  let size = 0;
  for (let block = await input.read(BLOCK); block.length > 0; block = await input.read(BLOCK)) {
    hash.update(block);
    size += block.length;
  }

  const name =
    environ.REQUEST_METHOD === "PUT"
      ? decode(environ.PATH_INFO.slice("/upload/".length))
      : (parseForm(environ.QUERY_STRING).get("name") ?? "");
  startResponse("200 OK", [["Content-Type", "application/json"]]);
  return json({ name, size, sha256: toHex(hash.digest()) });
};

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
