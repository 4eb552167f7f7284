import type { Case } from "../types.ts";
import { bodyCases } from "./body.ts";
import { environCases } from "./environ.ts";
import { extensionCases } from "./extensions.ts";
import { inputCases } from "./input.ts";
import { responseCases } from "./response.ts";

/** Every case, in groups: environ, input, response head, body, and what is beside these. */
export const cases: readonly Case[] = [
  ...environCases,
  ...inputCases,
  ...responseCases,
  ...bodyCases,
  ...extensionCases,
];
