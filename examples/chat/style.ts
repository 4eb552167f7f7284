export const STYLE = `
  :root {
    --paper: #fbfaf7; --card: #fff; --ink: #23211d; --soft: #6d675c; --line: #e5e0d6;
    --accent: #9a4f10; --on-accent: #fff;
  }
  @media (prefers-color-scheme: dark) {
    :root {
      --paper: #191714; --card: #221f1b; --ink: #ebe6dc; --soft: #a39b8c; --line: #38332c;
      --accent: #e8a55c; --on-accent: #221f1b;
    }
  }
  * { box-sizing: border-box; }
  [hidden] { display: none !important; }
  body {
    display: flex; flex-direction: column; height: 100dvh; max-width: 40rem; margin: 0 auto; padding: 1rem;
    background: var(--paper); color: var(--ink);
    font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere;
  }
  header { display: flex; align-items: baseline; justify-content: space-between; gap: 1rem; }
  h1 { margin: 0; font-size: 1.5rem; }
  p { margin: 0; }
  #line { color: var(--soft); font-size: .875rem; text-align: right; }
  #line::before { content: "● "; color: var(--soft); }
  #line[data-state=open]::before { color: #3f9142; }
  #line[data-state=broken]::before { color: #c0392b; }
  #door {
    display: grid; gap: .75rem; margin-top: 1rem; padding: 1.25rem;
    background: var(--card); border: 1px solid var(--line); border-radius: .5rem;
  }
  label { display: grid; gap: .25rem; color: var(--soft); }
  input {
    width: 100%; padding: .5rem .6rem; background: var(--paper); color: var(--ink); font: inherit;
    border: 1px solid var(--line); border-radius: .35rem;
  }
  button {
    justify-self: start; padding: .5rem 1rem; border: 0; border-radius: .35rem;
    background: var(--accent); color: var(--on-accent); font: inherit; cursor: pointer;
  }
  #denied { color: #c0392b; }
  #denied:empty { display: none; }
  main { display: flex; flex: 1; flex-direction: column; min-height: 0; margin-top: 1rem; }
  #log {
    display: flex; flex: 1; flex-direction: column; gap: .4rem; margin: 0; padding: 0; list-style: none;
    overflow-y: auto;
  }
  #log li {
    align-self: start; max-width: 85%; padding: .4rem .75rem; white-space: pre-wrap;
    background: var(--card); border: 1px solid var(--line); border-radius: .75rem .75rem .75rem .2rem;
  }
  #log b { display: block; color: var(--accent); font-size: .8125rem; }
  #log .own {
    align-self: end; background: var(--accent); color: var(--on-accent); border-color: transparent;
    border-radius: .75rem .75rem .2rem .75rem;
  }
  #log .own b { display: none; }
  #log .news { align-self: center; padding: 0; border: 0; background: none; color: var(--soft); font-size: .875rem; }
  #say { display: flex; gap: .5rem; margin-top: .75rem; }
  #text { flex: 1; min-width: 0; background: var(--card); }
`;
