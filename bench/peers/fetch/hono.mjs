import { app } from "../applications/hono.mjs";

export const fetch = app.fetch;
