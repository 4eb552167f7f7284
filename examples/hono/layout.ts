import { html, raw } from "hono/html";

/** A page around its content. */
export function layout(title: string, content: ReturnType<typeof html>): ReturnType<typeof html> {
  return html`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width">
  <meta name="color-scheme" content="light dark">
  <title>${title} · Hono on dram</title>
  <link rel="icon" href="data:,">
  <style>${raw(STYLE)}</style>
</head>
<body>
  <h1>${title}</h1>
  ${content}
</body>
</html>
`;
}

const STYLE = `
  :root { --paper: #fbfaf7; --card: #fff; --ink: #23211d; --soft: #6d675c; --line: #e5e0d6; --accent: #9a4f10; --on-accent: #fff; }
  @media (prefers-color-scheme: dark) {
    :root { --paper: #191714; --card: #221f1b; --ink: #ebe6dc; --soft: #a39b8c; --line: #38332c; --accent: #e8a55c; --on-accent: #221f1b; }
  }
  * { box-sizing: border-box; }
  body {
    max-width: 34rem; margin: 0 auto; padding: 2rem 1rem 4rem;
    background: var(--paper); color: var(--ink);
    font: 1rem/1.55 system-ui, sans-serif; overflow-wrap: anywhere;
  }
  h1 { margin: 0 0 .5rem; font-size: 2rem; line-height: 1.2; }
  a { color: var(--accent); }
  .lead { color: var(--soft); }
  form { display: flex; gap: .5rem; margin: 0; }
  input {
    flex: 1; min-width: 0; padding: .5rem .6rem; color: inherit; font: inherit;
    background: var(--card); border: 1px solid var(--line); border-radius: .35rem;
  }
  button {
    padding: .5rem 1rem; border: 0; border-radius: .35rem;
    background: var(--accent); color: var(--on-accent); font: inherit; cursor: pointer;
  }
  ul { margin: 1rem 0; padding: 0; list-style: none; }
  li {
    display: flex; align-items: center; justify-content: space-between; gap: 1rem;
    margin-bottom: .5rem; padding: .6rem .6rem .6rem 1rem;
    background: var(--card); border: 1px solid var(--line); border-radius: .5rem;
  }
  li button { background: none; color: var(--accent); border: 1px solid var(--line); }
`;
