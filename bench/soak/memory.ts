// What Linux tells of a process.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";

/** Resident bytes. */
export function resident(pid: number): number {
  return status(pid, "VmRSS");
}

/** Resident bytes at the highest since `forgetPeak`. */
export function peak(pid: number): number {
  return status(pid, "VmHWM");
}

export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

/** Open files, sockets among them. */
export function descriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** False for one that is a zombie, too. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

/**
 * Bytes of the TCP connections between a port of the client and one of the server that the one has
 * been given to send, and the other has not read.
 */
export function inKernel(client: number, server: number): number {
  let size = 0;
  const lines = readFileSync("/proc/net/tcp", "utf8").split("\n").slice(1, -1);
  for (const line of lines) {
    const [, local = "", remote = "", , queues = ""] = line.trim().split(/\s+/);
    const [from, to] = [portOf(local), portOf(remote)];
    const [sending = "", receiving = ""] = queues.split(":");
    if (from === client && to === server) {
      size += Number.parseInt(sending, 16);
    } else if (from === server && to === client) {
      size += Number.parseInt(receiving, 16);
    }
  }
  return size;
}

function portOf(address: string): number {
  return Number.parseInt(address.split(":")[1] ?? "", 16);
}

function status(pid: number, field: string): number {
  const text = readFileSync(`/proc/${pid}/status`, "utf8");
  const [, kibibytes] = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(text) ?? [];
  return Number(kibibytes) * 1024;
}
