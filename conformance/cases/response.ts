import type { Case } from "../types.ts";

export const responseCases: readonly Case[] = [];
