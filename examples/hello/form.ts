import { type Application, type StartResponse, text } from "dram";
import { html } from "./html.ts";
import { link, page } from "./page.ts";
import { parseForm, toNative } from "./strings.ts";

/** Bytes of the form as it is sent, where a letter such as "é" takes six: `%C3%A9`. */
const LIMIT = 65_536;

/** Shows the text of a posted form. */
export const showText: Application = async (environ, startResponse) => {
  const [type = ""] = (environ.CONTENT_TYPE ?? "").split(";");
  if (type.trim().toLowerCase() !== "application/x-www-form-urlencoded") {
    return refuse(
      startResponse,
      "415 Unsupported Media Type",
      "This page takes application/x-www-form-urlencoded.",
    );
  }

  // One byte more than allowed is enough to know, whether CONTENT_LENGTH was sent or not.
  const body = await environ["wsgi.input"].read(LIMIT + 1);
  if (body.length > LIMIT) {
    return refuse(
      startResponse,
      "413 Content Too Large",
      `The form is larger than ${LIMIT} bytes, which is all this page takes.`,
    );
  }

  const arrived = parseForm(toNative(body)).get("text") ?? "";
  const size = new TextEncoder().encode(arrived).length;
  startResponse("200 OK", [["Content-Type", "text/html; charset=utf-8"]]);
  return page(
    "What arrived",
    html`
      <output id="arrived">${arrived}</output>
      <p>${[...arrived].length} characters, ${size} bytes in UTF-8.</p>
      <p><a href="${link(environ, "/")}">Back</a></p>`,
  );
};

function refuse(startResponse: StartResponse, status: string, reason: string) {
  startResponse(status, [["Content-Type", "text/plain"]]);
  return text(`${reason}\n`);
}
