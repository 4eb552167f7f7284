import { type Application, type Environ, mount } from "dram";
import { fromFetch } from "dram/from/fetch";
import { type Context, Hono } from "hono";

interface Bindings {
  readonly MOUNT?: string;
  readonly environ: Environ;
  readonly requestContext?: { readonly http: { readonly sourceIp: string } };
  readonly lambdaContext?: { readonly awsRequestId: string };
  readonly incoming?: { readonly httpVersion: string };
  readonly outgoing?: object;
}

const seen: Record<string, number> = {};

function count(what: string): void {
  seen[what] = (seen[what] ?? 0) + 1;
}

/** A Hono application that tells what it is given, as one written for the platform itself would use it. */
const app = new Hono<{ Bindings: Bindings }>()
  .get("/seen", (context) => context.json(seen))
  .get("/request/*", (context) =>
    context.json({
      url: context.req.url,
      name: context.req.header("x-name") ?? null,
      cookie: context.req.header("cookie") ?? null,
      native: context.req.raw === context.env.environ["fetch.request"],
    }),
  )
  .get("/bindings", (context) => {
    const { env } = context;
    return context.json({
      keys: Object.keys(env).toSorted(),
      mount: env.MOUNT ?? null,
      address: env.requestContext?.http.sourceIp ?? null,
      request: typeof env.lambdaContext?.awsRequestId,
      http: env.incoming?.httpVersion ?? null,
      native: context.executionCtx === env.environ["workers.ctx"],
    });
  })
  .get("/afterwards", (context) => {
    context.executionCtx.waitUntil(
      new Promise<void>((resolve) => setTimeout(resolve, 20)).then(() => count("afterwards")),
    );
    return context.text("first");
  })
  .get("/text", (context) => {
    context.header("X-Name", "café");
    context.header("Set-Cookie", "a=1", { append: true });
    context.header("Set-Cookie", "b=2", { append: true });
    return context.text("größe");
  })
  .get("/wide", (context) => {
    context.header("X-Wide", "łódź");
    return context.text("wide");
  })
  .post("/echo", (context) => new Response(context.req.raw.body))
  .post("/count", async (context) =>
    context.text(String((await context.req.arrayBuffer()).byteLength)),
  )
  .onError((error, context) => context.text(error.message, 500))
  .get("/endless", endless)
  .get(
    "/quiet",
    () => new Response(new ReadableStream({ cancel: () => count("quiet cancelled") })),
  );

/** Until the client leaves. */
function endless(context: Context): Response {
  context.req.raw.signal.addEventListener("abort", () => count("aborted"));
  return new Response(
    new ReadableStream(
      {
        async pull(controller) {
          await new Promise((resolve) => setTimeout(resolve, 10));
          controller.enqueue(new Uint8Array(1000));
        },
        cancel: () => count("cancelled"),
      },
      { highWaterMark: 0 },
    ),
  );
}

const handled = fromFetch(app.fetch);

/** Below `/changed` is what a middleware leaves of a request, and of a response. */
export const application: Application = mount(
  "/changed",
  (environ, startResponse) =>
    handled({ ...environ, SCRIPT_NAME: "" }, (status, headers, error) =>
      startResponse(status, [...headers, ["X-Changed", "1"]], error),
    ),
  handled,
);
