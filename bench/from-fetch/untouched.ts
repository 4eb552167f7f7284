import { toFetch } from "dram/fetch";
import { fromFetch } from "dram/from/fetch";
import type { Way } from "./driver.ts";

export const way: Way = (handler) => toFetch(fromFetch(handler));
