import type { Environ } from "dram";
import { type Html, html } from "./html.ts";
import { decode } from "./strings.ts";

export function environTable(environ: Environ): Html {
  return html`
<table>
  <tbody>${Object.entries(environ).map(
    ([key, value]) => html`
    <tr><th scope="row">${decode(key)}</th><td>${show(value)}</td></tr>`,
  )}
  </tbody>
</table>`;
}

// Objects are named, not opened: a platform's own may hold the secrets of the deployment.
function show(value: unknown): Html {
  switch (typeof value) {
    case "string":
      return value === "" ? html`<i>empty</i>` : html`${decode(value)}`;
    case "boolean":
    case "number":
      return html`<code>${String(value)}</code>`;
    case "object":
      return Array.isArray(value)
        ? html`<code>[${value.join(", ")}]</code>`
        : html`<i>${value?.constructor?.name ?? "object"}</i>`;
    default:
      return html`<i>${typeof value}</i>`;
  }
}
