import { gunzipSync } from "node:zlib";
import {
  bytesOf,
  header,
  type Target,
  type TestRequest,
  type TestResponse,
} from "../../targets/target.ts";

/** A Python application that is served. */
export interface Site {
  readonly target: Target;
  /** What clients call it, scheme and all. */
  readonly origin: string;
  /** Before each of its paths. */
  readonly mount: string;
}

/** What not every platform can do, and some checks need. */
export type Ability =
  | "stream"
  | "break"
  | "reason"
  | "bytes in headers"
  | "chunked request"
  | "concurrency";

export interface Visit {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as a browser sends a form; with a file in it, as multipart. */
  readonly form?: Readonly<Record<string, string | File>>;
  readonly json?: unknown;
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>;
}

export interface Answer {
  readonly status: number;
  readonly reason: string;
  /** The values of a header, joined; `undefined` without one. */
  header(name: string): string | undefined;
  /** As they came, names in lower case. */
  readonly headers: TestResponse["headers"];
  readonly bytes: Buffer;
  /** Decompressed. */
  readonly text: string;
}

/** Visits a site as a browser does: keeps its cookies, and names the site as it wants to be named. */
export class Visitor {
  readonly site: Site;
  readonly cookies: Map<string, string> = new Map();

  constructor(site: Site) {
    this.site = site;
  }

  /** @param path Below the mount. */
  async visit(path: string, visit: Visit = {}): Promise<Answer> {
    const response = await this.open(path, visit);
    const bytes = await bytesOf(response);
    // Cloudflare asks for gzip whatever the client does, and hands on what is not HTML and the like.
    const isCompressed = header(response, "content-encoding").includes("gzip");
    return {
      status: response.status,
      reason: response.reason,
      header: (name) => header(response, name)[0] && header(response, name).join(", "),
      headers: response.headers,
      bytes,
      text: (isCompressed ? gunzipSync(bytes) : bytes).toString("utf8"),
    };
  }

  /** As `visit`, but the body is left to come. */
  async open(
    path: string,
    { method, headers = {}, ...content }: Visit = {},
  ): Promise<TestResponse> {
    const { body, type } = await encode(content);
    const { origin, mount, target } = this.site;
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const counted = body instanceof Uint8Array ? { "Content-Length": String(body.length) } : {};
    const request: TestRequest = {
      method: method ?? (body === undefined ? "GET" : "POST"),
      path: mount + path,
      headers: Object.entries({
        Host: new URL(origin).host,
        "Accept-Encoding": "identity",
        ...(cookie === "" ? {} : { Cookie: cookie }),
        ...(type === undefined ? {} : { "Content-Type": type }),
        ...(body === undefined ? {} : counted),
        ...headers,
      }),
      ...(body === undefined ? {} : { body }),
    };
    const response = await target.send(request);
    for (const line of header(response, "set-cookie")) {
      const [, name = "", value = ""] = /^([^=]*)=([^;]*)/.exec(line) ?? [];
      this.cookies.delete(name);
      if (!/;\s*max-age=0/i.test(line)) {
        this.cookies.set(name, value);
      }
    }
    return response;
  }
}

/** A body and its Content-Type, as a browser would make them. */
async function encode({
  form,
  json,
  body,
}: Omit<Visit, "method" | "headers">): Promise<{ body?: Visit["body"]; type?: string }> {
  if (json !== undefined) {
    return { body: Buffer.from(JSON.stringify(json)), type: "application/json" };
  }
  if (form === undefined) {
    return body === undefined ? {} : { body };
  }
  const fields = Object.entries(form);
  const isMultipart = fields.some(([, value]) => value instanceof File);
  const data = isMultipart ? new FormData() : new URLSearchParams();
  for (const [name, value] of fields) {
    (data as FormData).append(name, value);
  }
  const encoded = new Response(data);
  return {
    body: new Uint8Array(await encoded.arrayBuffer()),
    type: encoded.headers.get("content-type") ?? "",
  };
}
