import type { RuleTable } from "./rule.ts";

/** What only further runs of a request can show: the rules of stress mode. */
export const stressRules: Pick<RuleTable, "run" | "late"> = {
  run: [
    {
      id: "A1",
      level: "error",
      by: "application",
      text: "An application can be called again at any time, also while it is still answering.",
      fix: "keep what belongs to a request in its own call, not in a variable of the module",
      source: "PEP 3333, The Application/Framework Side",
      check: ({ kind, failure }) => (kind === "together" ? failure : undefined),
    },
    {
      id: "A8",
      level: "error",
      by: "application",
      text: "An application does not count on its body being iterated to the end.",
      fix: "clean up in a finally, or in close()",
      source: "PEP 3333, Specification Details",
      check: ({ kind, failure }) => (kind === "truncated" ? failure : undefined),
    },
    {
      id: "A9",
      level: "error",
      by: "application",
      text: "An application has a fallback for every variable that need not be there.",
      fix: 'write environ.HTTP_NAME ?? "", and ask whether an extension is there',
      source: "PEP 3333, environ Variables",
      check: ({ kind, failure }) => (kind === "minimal" ? failure : undefined),
    },
  ],
  late: [
    {
      id: "S5",
      level: "error",
      by: "gateway",
      text: "A gateway reads nothing back from environ: the application may have changed it in any way.",
      fix: "keep what is needed before the application is called",
      source: "PEP 3333, Specification Details",
      check: ({ key, by }) =>
        by === "gateway" ? `environ.${key} was read after the application had returned` : undefined,
    },
    {
      id: "M7",
      level: "error",
      by: "middleware",
      text: "A middleware reads environ before it calls the application below, which may change it.",
      fix: "keep what is needed before the application is called",
      source: "PEP 3333, Specification Details",
      check: ({ key, by }) =>
        by === "middleware"
          ? `environ.${key} was read after the application below had returned`
          : undefined,
    },
  ],
};
