import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly region: string;
}

/**
 * Whether a request has the signature that these credentials give it, by "Create a signed AWS API
 * request" (AWS IAM, 2026-11).
 */
export function isSigned(
  { method = "", url = "", headers }: IncomingMessage,
  body: Buffer,
  { accessKeyId, secretAccessKey, sessionToken, region }: Credentials,
): boolean {
  const time = String(headers["x-amz-date"]);
  const day = time.slice(0, 8);
  const scope = `${day}/${region}/execute-api/aws4_request`;
  const [, signedNames = "", signature = ""] =
    new RegExp(
      `^AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$`,
    ).exec(headers.authorization ?? "") ?? [];
  const names = signedNames.split(";");
  if (
    headers["x-amz-security-token"] !== sessionToken ||
    !["host", "x-amz-date", "x-amz-security-token"].every((name) => names.includes(name))
  ) {
    return false;
  }
  const [path = "", query = ""] = url.split("?");
  const canonical = [
    method,
    // Every service but S3 encodes what is encoded once more.
    path.split("/").map(encode).join("/"),
    query,
    ...names.map((name) => `${name}:${String(headers[name]).trim()}`),
    "",
    signedNames,
    createHash("sha256").update(body).digest("hex"),
  ].join("\n");
  const text = [
    "AWS4-HMAC-SHA256",
    time,
    scope,
    createHash("sha256").update(canonical).digest("hex"),
  ].join("\n");
  const key = [day, region, "execute-api", "aws4_request"].reduce<string | Buffer>(
    (secret, part) => createHmac("sha256", secret).update(part).digest(),
    `AWS4${secretAccessKey}`,
  );
  const wanted = createHmac("sha256", key).update(text).digest();
  const found = Buffer.from(signature, "hex");
  return found.length === wanted.length && timingSafeEqual(found, wanted);
}

/** RFC 3986: all but the unreserved characters. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
