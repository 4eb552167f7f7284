// A process of Deno's for bench/soak-deno.ts.

import { type Application, json } from "dram";
import { serve } from "dram/deno";
import { application, bodies } from "./soak-application.ts";

const telling: Application = (environ, startResponse) => {
  if (environ.PATH_INFO !== "/bodies") {
    return application(environ, startResponse);
  }
  startResponse("200 OK", [["Content-Type", "application/json"]]);
  return json({ ...bodies, rss: process.memoryUsage().rss });
};

const { port } = await serve(telling, { port: 0 });
console.log(port);
