import { toFetch } from "dram/fetch";
import { application } from "../application.ts";

export const fetch: ReturnType<typeof toFetch> = toFetch(application);
