import type { SoakResults } from "./results.ts";

/** The section "Soak" of bench/RESULTS.md. */
export function soakSection({ machine, versions, parts }: SoakResults): string {
  const dates = parts.map(({ date }) => date).toSorted();
  const [first = "", last = ""] = [dates[0], dates.at(-1)];
  const passed = parts.filter(({ verdict }) => verdict === "pass").length;
  const failed = parts.filter(({ verdict }) => verdict === "FAIL").length;
  const software = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    "## Soak",
    "",
    `\`npm run soak\`, ${first === last ? first : `${first} to ${last}`}; ${machine}; ${software.join(", ")}. Each part has a server in a process of its own, and the machine for itself. ${passed} passed, ${failed} failed.`,
    "",
    "| goal | platform | aim | reached | |",
    "|---|---|---|---|---|",
    ...parts.map(
      ({ goal, platform, aim, figure, verdict, reason }) =>
        `| ${[goal, platform, aim, figure, told(verdict, reason)].map(cell).join(" | ")} |`,
    ),
  ].join("\n");
}

function told(verdict: string, reason: string | undefined): string {
  if (verdict !== "FAIL") {
    return verdict;
  }
  return reason === undefined ? "**FAIL**" : `**FAIL**: ${reason}`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
