import type { Case } from "../types.ts";

export const extensionCases: readonly Case[] = [];
