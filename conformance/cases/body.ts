import type { Case } from "../types.ts";

export const bodyCases: readonly Case[] = [];
