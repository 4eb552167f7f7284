// What a Node server of its own is to serve.

export { application } from "dram/conformance";
