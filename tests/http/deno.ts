import { type DenoFetch, type DenoInfo, toDeno } from "dram/deno";
import { route } from "./router.ts";

const entry: DenoFetch = {
  fetch: route<[info: DenoInfo]>((application, options) => toDeno(application, options).fetch),
};
export default entry;
