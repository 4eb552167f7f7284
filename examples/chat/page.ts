import { type Application, applicationUri, text } from "dram";
import { SCRIPT } from "./script.ts";
import { STYLE } from "./style.ts";

/** The page: who and where, and then the conversation. */
export const page: Application = (environ, startResponse) => {
  startResponse("200 OK", [["Content-Type", "text/html; charset=utf-8"]]);
  // Percent-encoded, so it can stand in an attribute as it is.
  const root = new URL(applicationUri(environ)).pathname.replace(/\/$/, "");
  return text(`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, interactive-widget=resizes-content">
  <meta name="color-scheme" content="light dark">
  <title>Chat · dram</title>
  <link rel="icon" href="data:,">
  <style>${STYLE}</style>
</head>
<body data-rooms="${root}/rooms/">
  <header>
    <h1>Chat</h1>
    <p id="line" data-state="outside" role="status">Not in a room</p>
  </header>
  <form id="door">
    <label>Your name <input id="name" name="name" required maxlength="30" autocomplete="nickname"></label>
    <label>Room <input id="room" name="room" required value="tea" autocapitalize="none"></label>
    <button>Come in</button>
    <p id="denied" role="alert"></p>
  </form>
  <main hidden>
    <ol id="log" role="log"></ol>
    <form id="say">
      <input id="text" aria-label="Message" placeholder="Message" maxlength="1000" autocomplete="off">
      <button>Send</button>
    </form>
  </main>
  <script>${SCRIPT}</script>
</body>
</html>
`);
};
