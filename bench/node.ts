import { compareServers } from "./servers.ts";

await compareServers(["bare", "dram", "dram serve", "hono"]);
