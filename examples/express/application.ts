import type { Application } from "dram";
import { fromNode } from "dram/from/node";
import { createApp } from "./app.ts";

export const application: Application = fromNode(createApp());
