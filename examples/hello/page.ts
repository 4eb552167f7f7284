import { type Body, type Environ, text } from "dram";
import { type Html, html } from "./html.ts";
import { quote } from "./strings.ts";

/**
 * The link to one of the application's own pages, wherever it is mounted.
 *
 * @param path As it stands in a link: percent-encoded.
 */
export function link(environ: Environ, path: string): string {
  return quote(environ.SCRIPT_NAME) + path;
}

export function page(title: string, content: Html): Body {
  const { source } = html`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width">
  <meta name="color-scheme" content="light dark">
  <title>${title} · dram</title>
  <link rel="icon" href="data:,">
  <style>${{ source: style }}</style>
</head>
<body>
  <h1>${title}</h1>
  ${content}
  <script>${{ source: script }}</script>
</body>
</html>
`;
  return text(source);
}

const style = `
  :root {
    --paper: #fbfaf7; --card: #fff; --ink: #23211d; --soft: #6d675c; --line: #e5e0d6;
    --accent: #9a4f10; --on-accent: #fff;
  }
  @media (prefers-color-scheme: dark) {
    :root {
      --paper: #191714; --card: #221f1b; --ink: #ebe6dc; --soft: #a39b8c; --line: #38332c;
      --accent: #e8a55c; --on-accent: #221f1b;
    }
  }
  * { box-sizing: border-box; }
  body {
    max-width: 46rem; margin: 0 auto; padding: 2rem 1rem 4rem;
    background: var(--paper); color: var(--ink);
    font: 1rem/1.55 system-ui, sans-serif; overflow-wrap: anywhere;
  }
  h1 { margin: 0 0 .5rem; font-size: 2rem; line-height: 1.2; }
  h2 { margin: 0 0 .5rem; font-size: 1.1rem; }
  p { margin: .5rem 0; }
  ul { margin: 0; padding-left: 1.2rem; }
  a { color: var(--accent); }
  .lead, label, i { color: var(--soft); }
  code, pre, th, #ticks, #upload output { font-family: ui-monospace, monospace; font-size: .875rem; }
  pre { margin: 0; white-space: pre-wrap; }
  section {
    margin-top: 1rem; padding: 1.25rem;
    background: var(--card); border: 1px solid var(--line); border-radius: .5rem;
  }
  label { display: block; margin-bottom: .35rem; }
  textarea, input {
    display: block; width: 100%; margin-bottom: .75rem; padding: .5rem .6rem;
    background: var(--paper); color: inherit; font: inherit;
    border: 1px solid var(--line); border-radius: .35rem;
  }
  textarea { resize: vertical; }
  ::file-selector-button {
    margin-right: .75rem; padding: .25rem .6rem;
    background: var(--card); color: inherit; font: inherit; font-size: .875rem;
    border: 1px solid var(--line); border-radius: .25rem;
  }
  button {
    padding: .5rem 1rem; border: 0; border-radius: .35rem;
    background: var(--accent); color: var(--on-accent); font: inherit; cursor: pointer;
  }
  output { display: block; white-space: pre-wrap; }
  output:not(:empty) { margin-top: .75rem; }
  #arrived { padding: 1rem; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; }
  #ticks { margin: 0; padding: 0; list-style: none; }
  #ticks:not(:empty) { margin-top: .75rem; }
  table { width: 100%; border-collapse: collapse; font-size: .875rem; }
  th, td { padding: .35rem 0; border-top: 1px solid var(--line); text-align: left; vertical-align: top; }
  th { width: 40%; padding-right: 1rem; font-size: .8125rem; font-weight: 500; }
  @media (max-width: 36rem) {
    th, td { display: block; width: auto; }
    th { padding-bottom: 0; color: var(--soft); }
    td { padding-top: 0; border: 0; }
  }
`;

const script = `
  const upload = document.querySelector("#upload");
  upload?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const [file] = upload.elements.file.files;
    const output = upload.querySelector("output");
    output.value = "Sending " + file.name + " ...";
    try {
      const name = encodeURIComponent(file.name);
      const response = await fetch(upload.action + "?name=" + name, { method: "POST", body: file });
      if (!response.ok) {
        throw new Error(await response.text());
      }
      const arrived = await response.json();
      output.value = arrived.name + "\\n" + arrived.size + " bytes\\nSHA-256 " + arrived.sha256;
    } catch (error) {
      output.value = "That did not work: " + error.message;
    }
  });

  const listen = document.querySelector("#listen");
  let source;
  listen?.addEventListener("click", () => {
    if (source) {
      source.close();
      source = undefined;
      listen.textContent = "Listen";
      return;
    }
    listen.textContent = "Stop";
    source = new EventSource(listen.dataset.events);
    source.addEventListener("message", (event) => {
      const tick = document.createElement("li");
      tick.textContent = event.data;
      const ticks = document.querySelector("#ticks");
      ticks.append(tick);
      if (ticks.children.length > 5) {
        ticks.firstChild.remove();
      }
    });
  });
`;
