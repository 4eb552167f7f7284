import type { Target } from "dram/conformance";
import type { Program } from "../targets/installed.ts";

/** What is known of a target before it runs. */
type Facts = Pick<
  Target,
  "name" | "runtime" | "software" | "protocol" | "front" | "lacks" | "maxBody"
>;

/** What only a running target has. */
export interface Running extends Pick<Target, "send" | "connect" | "origin"> {
  readonly log: readonly string[];
  close(): Promise<void>;
}

export interface Bootable extends Facts {
  /** For the reader of the table: the platform, the function of dram, and what it really ran on. */
  readonly platform: string;
  readonly adapter: string;
  readonly proof: string;
  /** Without these it does not run. */
  readonly programs?: readonly Program[];
  /** @param mount Where the gateway mounts the application. */
  boot(mount: string): Promise<Running>;
}

/** Where the platform has no Fetch API on the side of the server. */
export const NATIVE = "the platform has no Request to hand on";
