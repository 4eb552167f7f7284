import { serve } from "srvx/cloudflare";

export default serve({
  manual: true,
  fetch: () =>
    new Response("Hello, world\n", { headers: { "content-type": "text/plain; charset=utf-8" } }),
});
