import type { Way } from "./driver.ts";

export const way: Way = (handler) => handler;
