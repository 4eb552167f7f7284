import { fileURLToPath } from "node:url";

/** The folder of the tests' own applications. */
export const apps: string = fileURLToPath(new URL("apps", import.meta.url));
