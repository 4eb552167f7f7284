// A process of its own for one FastCGI server. It is given what to serve as JSON, and says where it listens.

import cluster from "node:cluster";
import type { Application } from "dram";
import { type FastcgiOptions, serveFastcgi } from "dram/fastcgi";
import type { FastcgiServerSpec } from "./fastcgi.ts";

const { module, options }: FastcgiServerSpec = JSON.parse(process.argv[2] ?? "");
const { application }: { application: Application } = await import(module);
const { url, port } = await serveFastcgi(application, options as FastcgiOptions);
if (cluster.isPrimary) {
  process.send?.({ url, port });
}
