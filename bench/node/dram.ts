import { serve } from "dram/node";
import { application } from "../application.ts";

export async function listen(): Promise<number | undefined> {
  return (await serve(application, { port: 0 })).port;
}
