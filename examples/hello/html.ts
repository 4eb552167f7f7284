/** Markup that is safe to send. */
export interface Html {
  readonly source: string;
}

/**
 * A template whose values are escaped: `` html`<b>${name}</b>` ``. Only what is `Html` already,
 * or a list of it, goes in as it is.
 */
export function html(
  strings: TemplateStringsArray,
  ...values: (string | number | Html | Html[])[]
): Html {
  return { source: String.raw({ raw: strings }, ...values.map(insert)) };
}

function insert(value: string | number | Html | Html[]): string {
  if (Array.isArray(value)) {
    return value.map(insert).join("");
  }
  return typeof value === "object" ? value.source : escapeHtml(String(value));
}

function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
