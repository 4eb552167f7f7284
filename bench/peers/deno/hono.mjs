import { app } from "../applications/hono.mjs";

export default app;
