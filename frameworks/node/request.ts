import { IncomingMessage } from "node:http";
import {
  applicationUri,
  DramError,
  type Environ,
  type HeaderList,
  mayHaveInput,
  readSome,
  requestHeaders,
  requestOrigin,
  requestTarget,
} from "../../core/mod.ts";
import { asSocket, ListenerSocket } from "./socket.ts";

/**
 * The environ behind a request that a listener was given by `fromNode`.
 *
 * @throws {DramError} `ERR_OPTION` for any other request.
 */
export function environOf(request: IncomingMessage): Environ {
  const environ = ListenerSocket.environOf(request.socket);
  if (environ === undefined) {
    throw new DramError("ERR_OPTION", "environOf: the request does not come from fromNode");
  }
  return environ;
}

/**
 * Node's own message, filled from environ instead of by Node's parser. Nothing of it may be a
 * subclass's: Express gives every request another prototype.
 */
export function toRequest(environ: Environ, socket: ListenerSocket): IncomingMessage {
  const request = new IncomingMessage(asSocket(socket));
  request.method = environ.REQUEST_METHOD;
  setVersion(request, environ);
  setUrl(request, environ);
  const headers = requestHeaders(environ);
  if (!environ.HTTP_HOST && request.httpVersionMinor === 1) {
    // There is one in every request of HTTP/1.1; a Request of the Fetch API has it in its URL alone.
    headers.unshift(["host", requestOrigin(environ).replace(/^.*:\/\//, "")]);
  }
  if (mayHaveInput(environ)) {
    if (!environ.CONTENT_LENGTH) {
      // Body parsers go by it: without one of the two a request has no body (RFC 9112 §6.3).
      headers.push(["transfer-encoding", "chunked"]);
    }
    readFrom(environ, request, socket);
  } else {
    end(request);
  }
  setHeaders(request, headers);
  return request;
}

/** Each name is there once: environ has joined what was repeated. */
function setHeaders(request: IncomingMessage, list: HeaderList): void {
  // Once: each of them is a getter.
  const { rawHeaders, headers } = request;
  const distinct: Record<string, string[]> = {};
  for (const [name, value] of list) {
    rawHeaders.push(name, value);
    headers[name] = value;
    distinct[name] = [value];
  }
  request.headersDistinct = distinct;
}

/** HTTP/1.1 for all that is newer, which is what a listener's answer is written in. */
function setVersion(request: IncomingMessage, { SERVER_PROTOCOL: protocol }: Environ): void {
  const minor = protocol === "HTTP/1.0" ? 0 : 1;
  request.httpVersion = `1.${minor}`;
  request.httpVersionMajor = 1;
  request.httpVersionMinor = minor;
}

function setUrl(request: IncomingMessage, environ: Environ): void {
  const { SCRIPT_NAME: mount, PATH_INFO: path, QUERY_STRING: query, REQUEST_URI: uri } = environ;
  if (mount !== "") {
    request.url = requestTarget(environ, { scriptName: false });
    Object.assign(request, {
      baseUrl: applicationUri(environ).slice(requestOrigin(environ).length),
      originalUrl: requestTarget(environ),
    });
  } else if (uri === (query === "" ? path : `${path}?${query}`) && ORDINARY.test(uri)) {
    // As most are: there is nothing to be found out.
    request.url = uri;
  } else {
    request.url = path === "*" ? "*" : requestTarget(environ);
  }
}

const ORDINARY = /^\/[\w./?&=~-]*$/;

/** The body is read when the listener reads, chunk by chunk as it arrives. */
function readFrom(environ: Environ, request: IncomingMessage, socket: ListenerSocket): void {
  const input = environ["wsgi.input"];
  const read = (size: number): void => {
    // Node's own takes note that somebody reads; without it a stream stops at its second chunk.
    IncomingMessage.prototype._read.call(request, size);
    readSome(input).then(
      (chunk) => {
        if (chunk.length === 0) {
          end(request);
        } else {
          request.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
        }
      },
      (error: unknown) => {
        socket.fail(error);
        abort(request);
      },
    );
  };
  // In two steps: a function that is written into an assignment to a property is old at once to V8,
  // and keeps all of its exchange through each scavenge.
  request._read = read;
}

function end(request: IncomingMessage): void {
  request.complete = true;
  request.push(null);
}

/** The response is complete, and nobody has read: Node lets such a request come to its end. */
export function drop(request: IncomingMessage): void {
  request._read = endAtOnce;
  request.resume();
}

function endAtOnce(this: IncomingMessage): void {
  end(this);
}

/** As Node does when the connection closes before its time. */
export function abort(request: IncomingMessage): void {
  request.destroy(Object.assign(new Error("aborted"), { code: "ECONNRESET" }));
}
