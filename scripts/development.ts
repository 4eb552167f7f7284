// What the servers for development have in common.

import { once } from "node:events";
import { createServer } from "node:net";
import { type BuildResult, formatMessages } from "esbuild";

/** Prints what esbuild found wrong. */
export async function show({ errors, warnings }: BuildResult): Promise<void> {
  const color = process.stderr.isTTY && process.stderr.hasColors();
  const messages = [
    ...(await formatMessages(errors, { kind: "error", color })),
    ...(await formatMessages(warnings, { kind: "warning", color })),
  ];
  for (const message of messages) {
    console.error(message.trimEnd());
  }
}

/** @throws {Error} If it is no port. */
export function toPort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) {
    throw new Error(`PORT=${text} is not a port: a number from 0 (any that is free) to 65535.`);
  }
  return port;
}

/**
 * Finds out before anything is built whether a port is free.
 *
 * @param command For the advice.
 * @throws {Error} Of one line, if it is not.
 */
export async function probe(port: number, command: string): Promise<void> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch (error) {
    throw new Error(
      codeOf(error) === "EADDRINUSE"
        ? `Port ${port} is taken. Choose another one: PORT=NUMBER ${command}`
        : `Port ${port} cannot be used: ${messageOf(error)}`,
    );
  }
  server.close();
  await once(server, "close");
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
