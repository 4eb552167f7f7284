import { type Application, type Environ, requestUri } from "dram";
import { html } from "./html.ts";
import { link, page } from "./page.ts";
import { environTable } from "./table.ts";

/** The page with everything on it, and a cookie that counts how often it was asked for. */
export const home: Application = (environ, startResponse) => {
  const visits = countVisits(environ) + 1;
  // At a mount without a trailing slash, PATH_INFO is empty.
  const address = requestUri(environ, { query: false }).replace(/\/?$/, "/");
  startResponse("200 OK", [
    ["Content-Type", "text/html; charset=utf-8"],
    ["Cache-Control", "no-store"],
    ["Set-Cookie", `visits=${visits}; ${cookieScope(environ)}; Max-Age=2592000`],
  ]);
  return page(
    "Hello from WSGI",
    html`
<p class="lead">One application, <code>application(environ, startResponse)</code>, made every
answer on this page.</p>

<section>
  <h2>A form</h2>
  <form id="text" method="post" action="${link(environ, "/text")}">
    <label for="message">Any text, in any script</label>
    <textarea id="message" name="text" rows="3" required>Grüße, 世界 🌍</textarea>
    <button>Send the text</button>
  </form>
</section>

<section>
  <h2>A file</h2>
  <p>It is hashed block by block as it arrives, and kept nowhere.</p>
  <form id="upload" method="post" action="${link(environ, "/upload")}">
    <label for="file">Any file, small or large</label>
    <input id="file" name="file" type="file" required>
    <button>Send the file</button>
    <output></output>
  </form>
  <p>The same from a terminal:</p>
  <pre><code>curl -T FILE ${address}upload/</code></pre>
</section>

<section>
  <h2>Server-sent events</h2>
  <p>A generator yields one a second, until you stop or leave.</p>
  <button id="listen" data-events="${link(environ, "/events")}">Listen</button>
  <ol id="ticks"></ol>
</section>

<section>
  <h2>A cookie</h2>
  <p>You have been here <strong id="visits">${visits}</strong> ${visits === 1 ? "time" : "times"}.
  Reload, and it is one more.</p>
  <form id="forget" method="post" action="${link(environ, "/forget")}">
    <button>Forget me</button>
  </form>
</section>

<section>
  <h2>Other answers</h2>
  <ul>
    <li><a href="${link(environ, "/redirect")}">A redirect</a>: 303, back to this page</li>
    <li><a href="${link(environ, "/download")}">A download</a>: 10 MiB, made chunk by chunk</li>
    <li><a href="${link(environ, "/error")}">An error</a>: thrown on purpose, answered with 500</li>
    <li><a href="${link(environ, "/nowhere")}">A page that is not there</a>: 404</li>
  </ul>
</section>

<section>
  <h2>environ</h2>
  <p>What the application was given for this very request.</p>
  ${environTable(environ)}
</section>`,
  );
};

/** Deletes the cookie, then sends the browser back: a reload does not post once more. */
export const forget: Application = (environ, startResponse) => {
  startResponse("303 See Other", [
    ["Location", link(environ, "/")],
    ["Set-Cookie", `visits=; ${cookieScope(environ)}; Max-Age=0`],
  ]);
  return [];
};

export const redirect: Application = (environ, startResponse) => {
  startResponse("303 See Other", [["Location", link(environ, "/")]]);
  return [];
};

function countVisits(environ: Environ): number {
  const [, visits] = /(?:^|; *)visits=(\d{1,6})(?:;|$)/.exec(environ.HTTP_COOKIE ?? "") ?? [];
  return Number(visits ?? 0);
}

function cookieScope(environ: Environ): string {
  return `Path=${link(environ, "") || "/"}; HttpOnly; SameSite=Lax`;
}
