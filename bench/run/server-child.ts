// A process of its own for one server of a module that exports `listen`: tells its parent the port.

const { listen }: { listen(): Promise<number> } = await import(process.argv[2] ?? "");
process.send?.(await listen());
