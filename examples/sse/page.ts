import { type Application, applicationUri, text } from "dram";

/** The page that listens. */
export const page: Application = (environ, startResponse) => {
  startResponse("200 OK", [["Content-Type", "text/html; charset=utf-8"]]);
  // Percent-encoded, so it can stand in an attribute as it is.
  const root = new URL(applicationUri(environ)).pathname.replace(/\/$/, "");
  return text(`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width">
  <meta name="color-scheme" content="light dark">
  <title>Live numbers · dram</title>
  <link rel="icon" href="data:,">
  <style>${STYLE}</style>
</head>
<body data-events="${root}/events">
  <h1>Live numbers</h1>
  <p class="lead">One is drawn every second, and sent as a server-sent event.</p>
  <p id="line" data-state="connecting" role="status">Connecting ...</p>
  <ol id="numbers"></ol>
  <dl>
    <div><dt>received</dt><dd id="received">0</dd></div>
    <div><dt>reconnected</dt><dd id="reconnected">0</dd></div>
    <div><dt>missed</dt><dd id="missed">0</dd></div>
  </dl>
  <p class="lead">Each response ends after twenty numbers. The browser comes back by itself, says which
  one it has seen last, and is given what came in between.</p>
  <script>${SCRIPT}</script>
</body>
</html>
`);
};

const STYLE = `
  :root { --paper: #fbfaf7; --ink: #23211d; --soft: #6d675c; --line: #e5e0d6; --accent: #9a4f10; --on-accent: #fff; }
  @media (prefers-color-scheme: dark) {
    :root { --paper: #191714; --ink: #ebe6dc; --soft: #a39b8c; --line: #38332c; --accent: #e8a55c; --on-accent: #221f1b; }
  }
  * { box-sizing: border-box; }
  body {
    max-width: 40rem; margin: 0 auto; padding: 2rem 1rem 4rem;
    background: var(--paper); color: var(--ink); font: 1rem/1.55 system-ui, sans-serif;
  }
  h1 { margin: 0; font-size: 2rem; line-height: 1.2; }
  p { margin: .5rem 0; }
  .lead { color: var(--soft); }
  #line::before { content: "● "; color: var(--soft); }
  #line[data-state=open]::before { color: #3f9142; }
  #line[data-state=broken]::before { color: #c0392b; }
  #numbers {
    display: flex; flex-wrap: wrap; gap: .6rem; min-height: 8.6rem;
    margin: 1.25rem 0; padding: 1.25rem; list-style: none; align-content: flex-start;
    border: 1px solid var(--line); border-radius: .5rem;
  }
  #numbers li {
    display: grid; place-items: center; width: 2.75rem; height: 2.75rem; border-radius: 50%;
    background: var(--line); font-variant-numeric: tabular-nums; font-weight: 600;
  }
  #numbers li:last-child { background: var(--accent); color: var(--on-accent); animation: drop .3s ease-out; }
  @keyframes drop { from { transform: translateY(-.75rem); opacity: 0; } }
  @media (prefers-reduced-motion: reduce) { #numbers li:last-child { animation: none; } }
  dl { display: flex; gap: 2rem; margin: 1rem 0; }
  dt { color: var(--soft); font-size: .875rem; }
  dd { margin: 0; font-size: 1.5rem; font-variant-numeric: tabular-nums; }
`;

const SCRIPT = `
  const line = document.querySelector("#line");
  const numbers = document.querySelector("#numbers");
  const counts = { received: 0, reconnected: -1, missed: 0 };
  let last;

  function show(state, text) {
    line.dataset.state = state;
    line.textContent = text;
    for (const name in counts) {
      document.querySelector("#" + name).textContent = Math.max(counts[name], 0);
    }
  }

  const source = new EventSource(document.body.dataset.events);
  source.addEventListener("open", () => {
    counts.reconnected += 1;
    show("open", "Listening");
  });
  source.addEventListener("error", () => show("broken", "Coming back ..."));
  source.addEventListener("message", ({ data }) => {
    const { id, time, number } = JSON.parse(data);
    counts.received += 1;
    counts.missed += last === undefined ? 0 : id - last - 1;
    last = id;
    const item = document.createElement("li");
    item.textContent = number;
    item.title = time + " UTC";
    item.dataset.id = id;
    numbers.append(item);
    if (numbers.children.length > 20) {
      numbers.firstChild.remove();
    }
    show("open", "Listening");
  });
`;
