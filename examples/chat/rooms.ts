import {
  type Environ,
  text,
  type WebSocketConnection,
  type WebSocketDenial,
  type WebSocketHandlers,
} from "dram";

/** Characters of one message. */
const MAX_LENGTH = 1000;

/**
 * What is to be known of a connection. It is kept with the connection: a Durable Object that hibernates
 * has no variables left when it wakes.
 */
interface Member {
  readonly room: string;
  readonly name: string;
}

/** What a page is told, as JSON. */
type News =
  | { readonly here: readonly string[] }
  | { readonly joined: string }
  | { readonly left: string }
  | { readonly from: string; readonly text: string };

/** The same wherever they run: `peers` may be those of one room, or of all. */
export const websocket: WebSocketHandlers = {
  connect(connection, environ) {
    const denial = denialOf(environ);
    if (denial !== undefined) {
      return denial;
    }
    const member: Member = { room: roomOf(environ) ?? "", name: nameOf(environ) };
    connection.attachment = member;
    // It is not among its peers before it is accepted.
    const others = membersOf(connection).map(([, { name }]) => name);
    send(connection, { here: [...others, member.name] });
    tell(connection, { joined: member.name });
    return undefined;
  },

  message(connection, data) {
    const member = memberOf(connection);
    if (typeof data !== "string" || data.length > MAX_LENGTH) {
      connection.close(1008, `Text of at most ${MAX_LENGTH} characters, please.`);
    } else if (member !== undefined && data.trim() !== "") {
      tell(connection, { from: member.name, text: data });
    }
  },

  disconnect(connection) {
    const member = memberOf(connection);
    if (member !== undefined) {
      tell(connection, { left: member.name });
    }
  },
};

/** The room of `/rooms/tea`. */
export function roomOf({ PATH_INFO }: Environ): string | undefined {
  return /^\/rooms\/([a-z0-9-]{1,30})$/.exec(PATH_INFO)?.[1];
}

/** Why nobody comes in like this; `undefined` if they do. */
export function denialOf(environ: Environ): WebSocketDenial | undefined {
  const name = nameOf(environ);
  if (roomOf(environ) === undefined) {
    return deny("404 Not Found", "A room is called by 1 to 30 small letters, digits and dashes.\n");
  }
  return name === "" || name.length > 30
    ? deny("400 Bad Request", "Say who you are, in 1 to 30 characters.\n")
    : undefined;
}

function nameOf({ QUERY_STRING }: Environ): string {
  return new URLSearchParams(QUERY_STRING).get("name")?.trim() ?? "";
}

function deny(status: string, why: string): WebSocketDenial {
  return { status, headers: [["Content-Type", "text/plain; charset=utf-8"]], body: text(why) };
}

function tell(connection: WebSocketConnection, news: News): void {
  for (const [peer] of membersOf(connection)) {
    send(peer, news);
  }
}

function send(connection: WebSocketConnection, news: News): void {
  connection.send(JSON.stringify(news));
}

/** All in the room of a connection that can be talked to. */
function membersOf(connection: WebSocketConnection): [WebSocketConnection, Member][] {
  const room = memberOf(connection)?.room;
  const members: [WebSocketConnection, Member][] = [];
  for (const peer of connection.peers ?? []) {
    const member = memberOf(peer);
    if (member !== undefined && member.room === room) {
      members.push([peer, member]);
    }
  }
  return members;
}

function memberOf({ attachment }: WebSocketConnection): Member | undefined {
  return isMember(attachment) ? attachment : undefined;
}

function isMember(value: unknown): value is Member {
  return typeof value === "object" && value !== null && "room" in value && "name" in value;
}
