import { type BuildContext, type BuildResult, context, type PluginBuild } from "esbuild";
import { Miniflare, type MiniflareOptions } from "miniflare";
import { codeOf, messageOf, probe, show, toPort } from "./development.ts";
import { bundling, readProject, serving } from "./worker.ts";

let bundler: BuildContext | undefined;
let miniflare: Miniflare | undefined;
/** What runs now; nothing before the first start that succeeds. */
let running: MiniflareOptions | undefined;
let stopping = false;

try {
  await start(process.argv[2] ?? "wrangler.toml");
} catch (error) {
  console.error(messageOf(error));
  process.exit(1);
}

/** Serves the Worker of a wrangler.toml in workerd, and anew after each change of a source. */
async function start(path: string): Promise<void> {
  const project = readProject(path);
  const port = toPort(process.env.PORT ?? String(project.port));
  await probe(port, "npm start");

  stopOnSignals();
  const options = bundling(project);
  const plugins = [
    ...options.plugins,
    { name: "serve", setup: (build: PluginBuild) => build.onEnd(serve) },
  ];
  bundler = await context({ ...options, plugins });
  await bundler.watch();

  async function serve(bundle: BuildResult<ReturnType<typeof bundling>>): Promise<void> {
    await show(bundle);
    if (bundle.errors.length > 0) {
      console.error(running ? "The last good build still runs." : "Waiting for a change.");
      return;
    }
    const again = running !== undefined;
    try {
      const url = await run(serving(project, bundle, port));
      console.log(again ? "Reloaded." : `${project.name} is at ${url.origin} (Ctrl-C stops it)`);
    } catch (error) {
      if (stopping) {
        return;
      }
      // What workerd says of a Worker that does not start has been printed by now.
      if (codeOf(error) !== "ERR_RUNTIME_FAILURE") {
        console.error(messageOf(error));
      }
      console.error(running ? "The last good build runs again." : "Waiting for a change.");
    }
  }
}

/**
 * Runs this Worker from now on.
 *
 * @returns Where it listens.
 * @throws {Error} If it does not start; the one before it, if any, then runs again.
 */
async function run(next: MiniflareOptions): Promise<URL> {
  if (miniflare === undefined || running === undefined) {
    miniflare = new Miniflare(next);
    // Miniflare's own listeners would exit with 130 or 143 before everything is closed.
    stopOnSignals();
    try {
      await miniflare.ready;
    } catch (error) {
      await miniflare.dispose().catch(() => {});
      throw error;
    }
  } else {
    try {
      await miniflare.setOptions(next);
    } catch (error) {
      await miniflare.setOptions(running);
      throw error;
    }
  }
  running = next;
  return miniflare.ready;
}

function stopOnSignals(): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.removeAllListeners(signal).once(signal, stop);
  }
}

/** Leaves nothing to wait for; exiting at once would leave Miniflare's temporary folder behind. */
async function stop(): Promise<void> {
  stopping = true;
  // Ctrl-C reaches esbuild and workerd as well, so either may be gone already.
  await Promise.allSettled([bundler?.dispose(), miniflare?.dispose()]);
}
