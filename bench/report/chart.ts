import { figureOf, type Results, ratio } from "../run/results.ts";

/** What is drawn: cells of areas, and what a reader calls them. */
const GROUPS: readonly { area: string; cell: string; title: string }[] = [
  { area: "lambda", cell: "v2 hello, JSON text in and out", title: "AWS Lambda, JSON in and out" },
  { area: "fetch", cell: "hello as text", title: "Fetch, in process" },
  { area: "workers", cell: "hello as text", title: "Workers, in workerd" },
  { area: "deno", cell: "hello as text", title: "Deno" },
  { area: "node", cell: "hello as text", title: "Node" },
];
/** As many bars as a reader can tell apart: the quickest of the others. */
const PEERS = 5;

const LEFT = 190;
const WIDTH = 760;
const BAR = 14;
const STEP = 18;
const HEAD = 64;
const GAP = 34;

interface Bar {
  readonly name: string;
  readonly share: number;
}

/** The hellos as bars: shares of what a handler written by hand reaches there. */
export function chart(results: Results): string {
  const groups = GROUPS.flatMap(({ area, cell: title, title: shown }) => {
    const cell = results[area]?.cells.find((one) => one.title === title);
    const bars = (cell?.figures ?? []).flatMap(({ name }): Bar[] => {
      const share = ratio(cell, name);
      return figureOf(cell, name) === undefined || share === undefined ? [] : [{ name, share }];
    });
    return bars.length === 0 ? [] : [{ title: shown, bars: chosen(bars) }];
  });
  const longest = Math.max(1, ...groups.flatMap(({ bars }) => bars.map(({ share }) => share)));
  const scale = (WIDTH - LEFT - 60) / longest;
  const parts: string[] = [];
  let top = HEAD;
  for (const { title, bars } of groups) {
    parts.push(`<text class="group" x="16" y="${top + 16}">${escaped(title)}</text>`);
    top += 24;
    for (const bar of bars) {
      parts.push(drawn(bar, top, scale));
      top += STEP;
    }
    top += GAP - 24;
  }
  const one = LEFT + scale;
  const rule = `<line x1="${round(one)}" x2="${round(one)}" y1="${HEAD}" y2="${top - 8}"/>`;
  return framed(top + 16, dates(results), [rule, ...parts]);
}

/** bare, dram, and those of the others that do best. */
function chosen(bars: readonly Bar[]): Bar[] {
  const others = bars
    .filter(({ name }) => name !== "bare" && !name.startsWith("dram"))
    .sort((one, other) => other.share - one.share)
    .slice(0, PEERS);
  return [...bars.filter(({ name }) => name === "bare" || name === "dram"), ...others].sort(
    (one, other) => other.share - one.share,
  );
}

function drawn({ name, share }: Bar, top: number, scale: number): string {
  const kind = name === "dram" ? "dram" : name === "bare" ? "bare" : "other";
  const length = Math.max(1, share * scale);
  const middle = top + BAR - 3;
  // Not across the line that marks bare.
  const end = share < 1 && share * scale + 40 > scale ? scale : length;
  return [
    `<text class="name" x="${LEFT - 8}" y="${middle}">${escaped(name)}</text>`,
    `<rect class="${kind}" x="${LEFT}" y="${top}" width="${round(length)}" height="${BAR}"/>`,
    `<text x="${round(LEFT + end + 6)}" y="${middle}">${share.toFixed(2)}</text>`,
  ].join("\n");
}

function framed(height: number, date: string, parts: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="Speed of a hello, as a share of a handler written by hand">
<style>
text { font: 12px system-ui, sans-serif; fill: #24292f; }
.title { font-size: 16px; font-weight: 600; }
.group { font-weight: 600; }
.name { text-anchor: end; }
.dram { fill: #0969da; }
.bare { fill: #8c959f; }
.other { fill: #c8d1da; }
line { stroke: #8c959f; stroke-dasharray: 3 3; }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; }
.dram { fill: #4493f8; }
.bare { fill: #7d8590; }
.other { fill: #3d444d; }
}
</style>
<text class="title" x="16" y="26">Speed of a hello, as a share of a handler written by hand (bare = 1)</text>
<text x="16" y="46">Longer is better. Throughput on Workers, Deno and Node, time of a call on Lambda and Fetch. ${escaped(date)}</text>
${parts.join("\n")}
</svg>
`;
}

/** When what is drawn was measured. */
function dates(results: Results): string {
  const found = GROUPS.flatMap(({ area }) => results[area]?.date ?? []).sort();
  const [first, last] = [found[0] ?? "", found.at(-1) ?? ""];
  return first === last ? first : `${first} to ${last}`;
}

function round(value: number): string {
  return value.toFixed(1);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
