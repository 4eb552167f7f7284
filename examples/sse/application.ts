import { type Application, text } from "dram";
import { type EventOptions, events } from "./events.ts";
import { page } from "./page.ts";

/** A page, and the stream of events that it listens to. */
export function createApplication(options: EventOptions = {}): Application {
  const stream = events(options);
  return (environ, startResponse) => {
    switch (environ.PATH_INFO || "/") {
      case "/":
        return page(environ, startResponse);
      case "/events":
        return stream(environ, startResponse);
      default:
        startResponse("404 Not Found", [["Content-Type", "text/plain"]]);
        return text("There is no such page.\n");
    }
  };
}

export const application: Application = createApplication();
