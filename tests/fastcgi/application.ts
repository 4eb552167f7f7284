// An application for processes of their own.

import { type Application, type Body, type StartResponse, text } from "dram";
import { application as faults } from "../node/faults.ts";

export const application: Application = (environ, startResponse) => {
  switch (environ.PATH_INFO) {
    case "/pid":
      startResponse("200 OK", []);
      return text(String(process.pid));
    case "/busy":
      return busy(startResponse);
    case "/umask":
      startResponse("200 OK", []);
      return text(process.umask().toString(8));
    case "/slow":
      startResponse("200 OK", []);
      return slow();
    case "/floods":
      startResponse("200 OK", []);
      return flooding();
    case "/breaks":
      startResponse("200 OK", []);
      return breaking();
    case "/late":
      environ["dram.wait_until"]?.(tooLate());
      startResponse("200 OK", []);
      return text("first");
    case "/die":
      process.exit(3);
  }
  return faults(environ, startResponse);
};

/** Longer than it takes to be told to stop. */
async function* slow(): AsyncGenerator<Uint8Array, void, void> {
  yield Buffer.from("first,");
  console.log("slow");
  await new Promise((resolve) => setTimeout(resolve, 300));
  yield Buffer.from("second");
}

/** Waits for nothing but the web server, which is always quicker. */
async function* flooding(): AsyncGenerator<Uint8Array, void, void> {
  const chunk = Buffer.from("x");
  for (;;) {
    yield chunk;
  }
}

async function* breaking(): AsyncGenerator<Uint8Array, void, void> {
  yield Buffer.from("first,");
  throw new Error("in mid-body");
}

async function busy(startResponse: StartResponse): Promise<Body> {
  await new Promise((resolve) => setTimeout(resolve, 20));
  startResponse("200 OK", []);
  return text(String(process.pid));
}

async function tooLate(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 20));
  throw new Error("too late");
}
