// Run by Deno: what `serve` promises to the program that has called it. Prints what it finds as JSON.

import { type Application, text } from "dram";
import { serve } from "dram/deno";

const events = ["SIGTERM", "SIGINT", "unhandledRejection", "uncaughtException"];
const listeners = () => events.map((event) => process.listenerCount(event));

let open = (): void => {};
const opened = new Promise<void>((resolve) => {
  open = resolve;
});
const application: Application = async (_environ, startResponse) => {
  open();
  await new Promise((resolve) => setTimeout(resolve, 100));
  startResponse("200 OK", []);
  return text("late");
};

const before = listeners();
const server = await serve(application, { port: 0 });
const during = listeners();
const answer = fetch(server.url).then((response) => response.text());
await opened;
await Promise.all([server.close(), server.close(), server.closed]);
const after = listeners();
const refused = await fetch(server.url).then(
  () => false,
  () => true,
);
console.log(JSON.stringify({ before, during, after, refused, answer: await answer }));
