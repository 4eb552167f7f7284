// Checked by Deno, never run: the published signatures meet Deno's own types.

import type { Application } from "dram";
import { type DenoAddress, type DenoInfo, type DenoServer, serve, toDeno } from "dram/deno";

declare const application: Application;

export default toDeno(application) satisfies Deno.ServeDefaultExport;

export const handled: Deno.HttpServer = Deno.serve({ port: 0 }, toDeno(application).fetch);
export const overUnix: Deno.HttpServer<Deno.UnixAddr> = Deno.serve(
  { path: "app.sock" },
  toDeno(application).fetch,
);

declare const address: Deno.Addr;
export const known: DenoAddress = address;

declare const info: Deno.ServeHandlerInfo;
export const given: DenoInfo = info;

declare const key: Deno.TlsCertifiedKeyPem;
export const server: Promise<DenoServer> = serve(application, { port: 8443, tls: key });

// The signal of environ is the platform's own.
export const signalled: Application = async (environ, startResponse) => {
  const signal: AbortSignal | undefined = environ["dram.signal"];
  await fetch("https://example.com", { signal });
  startResponse("200 OK", []);
  return [];
};

// @ts-expect-error An option of the wrong type is an error.
serve(application, { port: "8000" });

// @ts-expect-error A Response is no body.
toDeno(() => new Response());
