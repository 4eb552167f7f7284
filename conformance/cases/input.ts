import type { Case } from "../types.ts";

export const inputCases: readonly Case[] = [];
