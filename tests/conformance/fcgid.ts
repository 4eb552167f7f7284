// The FastCGI program that mod_fcgid starts, as many as there are requests in flight. DRAM_LEDGER tells
// in which folder to keep account.

import { application } from "dram/conformance";
import { serveFastcgi } from "dram/fastcgi";
import { keepLedgerIn } from "./ledger.ts";

keepLedgerIn(process.env.DRAM_LEDGER ?? "");
await serveFastcgi(application);
