import type { Application } from "dram";
import { toFetch } from "dram/fetch";
import type { Exchange } from "../run/inprocess.ts";
import { HEADERS } from "../run/servers.ts";

export function prepare({
  application,
}: {
  application: Application;
}): Readonly<Record<string, Exchange>> {
  const handle = toFetch(application);
  const headers = { host: "localhost:8787", ...HEADERS };
  const call = async (): Promise<string> => {
    const response = await handle(new Request("http://localhost:8787/hello?a=1", { headers }));
    return `${response.status} ${response.headers.get("content-type")} ${await response.text()}`;
  };
  return { hello: { call, answer: call } };
}
