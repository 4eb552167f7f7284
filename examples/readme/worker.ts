import { type Application, text } from "dram";
import { toWorker } from "dram/workers";

const application: Application = (environ, startResponse) => {
  startResponse("200 OK", [["Content-Type", "text/plain; charset=utf-8"]]);
  return text(`Hello, ${environ.PATH_INFO}\n`);
};

export default toWorker(application);
