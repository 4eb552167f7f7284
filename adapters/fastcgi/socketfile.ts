import { lstatSync, rmSync } from "node:fs";
import { chmod, lstat, mkdtemp, rename, rm } from "node:fs/promises";
import { connect, type Server } from "node:net";
import { dirname } from "node:path";
import { DramError } from "../../core/mod.ts";
import { bind, messageOf } from "../process/mod.ts";

/**
 * Makes a server listen on a Unix socket that is open to nobody but those whom its mode lets in, at
 * no moment: it is made in a folder that only this user can enter, gets its mode there, and only
 * then its name. The umask would do the same, but for every other file of the process as well.
 *
 * A file that a dead server has left is replaced.
 *
 * @returns Removes the file, unless another server has replaced it.
 * @throws {DramError} `ERR_OPTION` if somebody listens there, or if there is another kind of file.
 */
export async function bindSocket(server: Server, path: string, mode: number): Promise<() => void> {
  await checkFree(path);
  try {
    await bindHidden(server, path, mode);
  } catch (cause) {
    server.close();
    throw new DramError("ERR_OPTION", `cannot listen on ${path}: ${messageOf(cause)}`, { cause });
  }
  const { ino } = await lstat(path);
  return () => {
    if (lstatSync(path, { throwIfNoEntry: false })?.ino === ino) {
      rmSync(path, { force: true });
    }
  };
}

async function bindHidden(server: Server, path: string, mode: number): Promise<void> {
  // Short, because the path of a socket may have 107 bytes, and beside it, to be renamed.
  const folder = await mkdtemp(`${dirname(path)}/.`);
  const hidden = `${folder}/s`;
  try {
    await bind(server, { path: hidden }, hidden);
    await chmod(hidden, mode);
    await rename(hidden, path);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function checkFree(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) {
    return;
  }
  if (!found.isSocket()) {
    throw new DramError("ERR_OPTION", `cannot listen on ${path}: it is a file, and no socket`);
  }
  if (await isServed(path)) {
    throw new DramError("ERR_OPTION", `cannot listen on ${path}: another server listens there`);
  }
}

/** Whether somebody listens; one who does not let this process in does, too. */
function isServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", (error: Error & { code?: string }) => {
      resolve(error.code !== "ECONNREFUSED" && error.code !== "ENOENT");
    });
  });
}
