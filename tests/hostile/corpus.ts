import { readFileSync } from "node:fs";
import type { Probe } from "./application.ts";

export type Header = [name: string, value: string];

/** One case of a corpus; tests/fixtures/hostile/README.md explains it. */
export interface Hostile {
  readonly id: string;
  readonly platform: string;
  readonly threat: string;
  readonly input: Input;
  readonly expected: Expected;
}

/** The members that the platforms with a target have. */
export interface Input {
  readonly raw?: string;
  /** The client ends its side behind the bytes. */
  readonly half_close?: boolean;
  readonly probe?: Probe;
  readonly request?: {
    readonly url: string;
    readonly method?: string;
    readonly headers?: Header[];
    readonly body_stream?: {
      readonly chunk: number;
      readonly count: number;
      readonly error_after: number;
    };
  };
  /** A native event; as JSON text where it holds what no literal can. */
  readonly event?: unknown;
  readonly event_json?: string;
  /** What a web server tells a CGI program: its environment and its standard input, as bytes. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Bytes of FastCGI records. */
  readonly hex?: string;
  /** Requests of a web server, one after the other on one FastCGI connection. */
  readonly sequence?: readonly {
    readonly params: Readonly<Record<string, string>>;
    readonly path: string;
  }[];
  readonly config?: { readonly trustedHops?: number; readonly debug?: boolean };
  readonly remote?: string;
  readonly headers?: Header[];
}

/** By the names of the fields; check.ts has one check for each. */
export type Expected = Readonly<Record<string, unknown>>;

/** Every case of both files. */
export const corpus: readonly Hostile[] = ["corpus.json", "more.json"].flatMap((file) => {
  const url = new URL(`../fixtures/hostile/${file}`, import.meta.url);
  const { cases }: { cases: Hostile[] } = JSON.parse(readFileSync(url, "utf8"));
  return cases;
});

/** The bytes of a `raw` input, as U+0000 to U+00FF. */
export function expand(raw: string): string {
  if (!raw.startsWith("@")) {
    return raw;
  }
  return raw
    .slice(1)
    .replace(/\{\{a\*(\d+)\}\}/g, (_, count) => "a".repeat(Number(count)))
    .replace(/\{\{hdr\*(\d+)\}\}/g, (_, count) =>
      Array.from({ length: Number(count) }, (_, index) => `x${index}: 1\r\n`).join(""),
    );
}
