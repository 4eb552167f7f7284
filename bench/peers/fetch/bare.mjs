export { fetch } from "../applications/fetch.mjs";
