import { type Application, text } from "dram";
import { download } from "./download.ts";
import { events } from "./events.ts";
import { showText } from "./form.ts";
import { forget, home, redirect } from "./home.ts";
import { upload } from "./upload.ts";

/** Every page is an application of its own. `*` stands for any rest of the path. */
const routes: [method: string, path: string, application: Application][] = [
  ["GET", "/", home],
  ["POST", "/text", showText],
  ["POST", "/upload", upload],
  ["PUT", "/upload/*", upload],
  ["GET", "/events", events],
  ["GET", "/download", download],
  ["POST", "/forget", forget],
  ["GET", "/redirect", redirect],
  ["GET", "/error", fail],
];

export const application: Application = (environ, startResponse) => {
  // HEAD is answered as GET is: the gateway keeps the headers and drops the body.
  const method = environ.REQUEST_METHOD === "HEAD" ? "GET" : environ.REQUEST_METHOD;
  const here = routes.filter(([, path]) => matches(path, environ.PATH_INFO || "/"));
  const route = here.find(([allowed]) => allowed === method);

  if (route) {
    const [, , page] = route;
    return page(environ, startResponse);
  }
  if (here.length > 0) {
    const allow = here.map(([allowed]) => (allowed === "GET" ? "GET, HEAD" : allowed)).join(", ");
    startResponse("405 Method Not Allowed", [
      ["Content-Type", "text/plain"],
      ["Allow", allow],
    ]);
    return text(`This page answers ${allow} only.\n`);
  }
  startResponse("404 Not Found", [["Content-Type", "text/plain"]]);
  return text("There is no such page.\n");
};

function matches(path: string, asked: string): boolean {
  return path.endsWith("*") ? asked.startsWith(path.slice(0, -1)) : asked === path;
}

/** What an application throws, the gateway answers with 500 and writes to the log. */
function fail(): never {
  throw new Error("thrown on purpose by /error");
}
