#!/usr/bin/env node
import cluster from "node:cluster";
import { serveFastcgi } from "dram/fastcgi";
import { application } from "./application.ts";

const { FASTCGI_SOCKET, WORKERS } = process.env;

// Without a socket of its own, the one that mod_fcgid has started it with.
const { url } = await serveFastcgi(application, {
  ...(FASTCGI_SOCKET === undefined ? {} : { path: FASTCGI_SOCKET, mode: 0o660 }),
  ...(WORKERS === undefined ? {} : { workers: Number(WORKERS) }),
});
if (cluster.isPrimary) {
  console.log(`hello is at ${url}`);
}
