import { type Application, text } from "dram";
import { type AsgiApplication, fromAsgi, toAsgi } from "dram/asgi";
import { toFetch } from "dram/fetch";
import { compare } from "./compare.ts";

const application: Application = (_environ, startResponse) => {
  startResponse("200 OK", [["Content-Type", "text/plain; charset=utf-8"]]);
  return text("Hello, world\n");
};

const BODY = new TextEncoder().encode("Hello, world\n");
const HEADERS = [
  [new TextEncoder().encode("content-type"), new TextEncoder().encode("text/plain; charset=utf-8")],
] as const;

const asgi: AsgiApplication = async (scope, _receive, send) => {
  if (scope.type !== "http") {
    throw new Error(`no ${scope.type}`);
  }
  await send({ type: "http.response.start", status: 200, headers: HEADERS });
  await send({ type: "http.response.body", body: BODY });
};

const headers = {
  "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)",
  accept: "text/html,application/xhtml+xml",
  "accept-encoding": "gzip, deflate, br",
  "accept-language": "en",
  cookie: "session=0123456789abcdef",
  host: "localhost:8787",
};

function candidate(served: Application): () => Promise<string> {
  const handle = toFetch(served);
  return async () => {
    const response = await handle(new Request("http://localhost:8787/hello?a=1", { headers }));
    return `${response.status} ${response.headers.get("content-type")} ${await response.text()}`;
  };
}

await compare("asgi in process: Request with 6 headers, call, read", {
  "an application": candidate(application),
  fromAsgi: candidate(fromAsgi(asgi)),
  "toAsgi and back": candidate(fromAsgi(toAsgi(application))),
});
