import { serve } from "dram/node";
import { createApplication } from "../../examples/sse/application.ts";

/** Fast, so that no test has to wait for the clock. */
const { url } = await serve(createApplication({ interval: 50, perResponse: 4 }), {
  port: Number(process.env.PORT),
});
console.log(url);
