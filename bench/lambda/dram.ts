import { type Application, json, text } from "dram";
import { type LambdaHandler, toLambda } from "dram/lambda";

const PLAIN: [string, string] = ["Content-Type", "text/plain; charset=utf-8"];
const BYTES = Uint8Array.from({ length: 100_000 }, (_, index) => (index * 7) & 0xff);

const application: Application = (environ, startResponse) => {
  switch (environ.PATH_INFO) {
    case "/cookies":
      startResponse("200 OK", [PLAIN]);
      return text(String(environ.HTTP_COOKIE?.split(";").length));
    case "/bytes":
      startResponse("200 OK", [["Content-Type", "application/octet-stream"]]);
      return [BYTES];
    case "/json":
      return environ["wsgi.input"].read().then((body) => {
        const { items }: { items: unknown[] } = JSON.parse(Buffer.from(body).toString());
        startResponse("200 OK", [["Content-Type", "application/json"]]);
        return json({ items: items.length });
      });
    default:
      startResponse("200 OK", [PLAIN]);
      return text("Hello, world\n");
  }
};

export const handler: LambdaHandler = toLambda(application);
