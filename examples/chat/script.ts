export const SCRIPT = `
  const $ = (id) => document.getElementById(id);
  const main = document.querySelector("main");
  /** Milliseconds before it tries again, doubled each time that it was in vain. */
  let patience = 500;
  let socket;

  if (location.hash) {
    $("room").value = location.hash.slice(1);
  }

  $("door").addEventListener("submit", (event) => {
    event.preventDefault();
    $("denied").textContent = "";
    enter($("name").value, $("room").value);
  });

  $("say").addEventListener("submit", (event) => {
    event.preventDefault();
    if (socket?.readyState === WebSocket.OPEN && $("text").value.trim()) {
      socket.send($("text").value);
      $("text").value = "";
    }
  });

  function enter(name, room) {
    const path = document.body.dataset.rooms + encodeURIComponent(room) + "?name=" + encodeURIComponent(name);
    let opened = false;
    show("connecting", "Connecting ...");
    socket = new WebSocket(path);
    socket.addEventListener("open", () => {
      opened = true;
      patience = 500;
      show("open", room);
      history.replaceState(null, "", "#" + room);
      $("door").hidden = true;
      main.hidden = false;
      $("text").focus();
    });
    socket.addEventListener("message", ({ data }) => hear(JSON.parse(data), name));
    socket.addEventListener("close", async ({ code, reason }) => {
      if (code === 1008) {
        add("news", reason);
      }
      const why = opened ? undefined : await reasonOf(path);
      if (why !== undefined) {
        show("outside", "Not in a room");
        $("denied").textContent = why;
        $("door").hidden = false;
        main.hidden = true;
        return;
      }
      show("broken", "Coming back ...");
      setTimeout(enter, patience, name, room);
      patience = Math.min(patience * 2, 10_000);
    });
  }

  /** A page is not told why a WebSocket was denied; an ordinary request is. Undefined: nobody answers. */
  async function reasonOf(path) {
    try {
      const response = await fetch(path);
      return [400, 404].includes(response.status) ? await response.text() : undefined;
    } catch {
      return undefined;
    }
  }

  function hear(news, name) {
    if (news.here) {
      add("news", "Here: " + news.here.join(", "));
    } else if (news.joined) {
      add("news", news.joined + " has come in");
    } else if (news.left) {
      add("news", news.left + " has left");
    } else {
      add(news.from === name.trim() ? "own" : "", news.text, news.from);
    }
  }

  function add(kind, text, from) {
    const item = document.createElement("li");
    item.className = kind;
    if (from) {
      item.append(Object.assign(document.createElement("b"), { textContent: from }));
    }
    item.append(text);
    $("log").append(item);
    if ($("log").children.length > 500) {
      $("log").firstChild.remove();
    }
    item.scrollIntoView({ block: "nearest" });
  }

  function show(state, text) {
    $("line").dataset.state = state;
    $("line").textContent = text;
  }
`;
