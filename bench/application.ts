import { type Application, text } from "dram";

const PLAIN: [string, string] = ["Content-Type", "text/plain; charset=utf-8"];
const BYTES = new TextEncoder().encode("Hello, world\n");
const CHUNK = new Uint8Array(2 ** 16);

/** The pages of run/servers.ts as a user of dram would write them. */
export const application: Application = (environ, startResponse) => {
  startResponse("200 OK", [PLAIN]);
  switch (environ.PATH_INFO) {
    case "/text":
      return text("Hello, world\n");
    case "/bytes":
      return [BYTES];
    case "/header":
      return text(String(environ.HTTP_USER_AGENT));
    case "/headers": {
      let length = 0;
      for (const key in environ) {
        if (key.startsWith("HTTP_")) {
          length += String(environ[key]).length;
        }
      }
      return text(String(length));
    }
    case "/stream":
      return stream();
    default:
      return environ["wsgi.input"].read().then((body) => [body]);
  }
};

function* stream(): Generator<Uint8Array> {
  for (let count = 0; count < 1024; count++) {
    yield CHUNK;
  }
}
