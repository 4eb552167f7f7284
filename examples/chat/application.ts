import { type Application, applicationUri, type Environ, type StartResponse, text } from "dram";
import { page } from "./page.ts";
import { denialOf, roomOf } from "./rooms.ts";

/** What is asked for without a WebSocket: the page, and the address of a room. */
export const application: Application = (environ, startResponse) => {
  if ((environ.PATH_INFO || "/") === "/") {
    return page(environ, startResponse);
  }
  if (environ.PATH_INFO.startsWith("/rooms/")) {
    return showRoom(environ, startResponse);
  }
  startResponse("404 Not Found", [["Content-Type", "text/plain"]]);
  return text("There is no such page.\n");
};

/** Leads to the page; but a page that was denied asks for the same address, to read why. */
function showRoom(environ: Environ, startResponse: StartResponse) {
  const room = roomOf(environ);
  if (room !== undefined && environ.QUERY_STRING === "") {
    const root = applicationUri(environ).replace(/\/$/, "");
    startResponse("302 Found", [["Location", `${root}/#${room}`]]);
    return [];
  }
  const { status, headers = [], body = [] } = denialOf(environ) ?? { status: "204 No Content" };
  startResponse(status, headers);
  return body;
}
