import adapter from "@hattip/adapter-cloudflare-workers/no-static";

export default {
  fetch: adapter(
    () =>
      new Response("Hello, world\n", { headers: { "content-type": "text/plain; charset=utf-8" } }),
  ),
};
