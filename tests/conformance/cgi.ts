// The CGI program that a web server is to start for each request of the suite. The server tells it in
// DRAM_LEDGER in which folder to keep account.

import { serveCgi } from "dram/cgi";
import { application } from "dram/conformance";
import { keepLedgerIn } from "./ledger.ts";

keepLedgerIn(process.env.DRAM_LEDGER ?? "");
serveCgi(application);
