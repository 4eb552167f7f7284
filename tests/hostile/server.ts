// What a server of its own is to serve; `?hops=1` in this module's URL is how many proxies it trusts.

import { type Application, trustedHops } from "dram";
import { application as probed } from "./application.ts";

const hops = Number(new URL(import.meta.url).searchParams.get("hops"));

export const application: Application = trustedHops(hops)(probed);
