import { fetch } from "../applications/fetch.mjs";

export default { fetch };
