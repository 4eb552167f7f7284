// What a Node server of its own is to serve.

export { application, websocket } from "dram/conformance";
