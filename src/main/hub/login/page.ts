import { createHash } from "node:crypto";
import type { PendingLogin } from "./device-logins.ts";

const STYLE = `
:root { color-scheme: light dark; --bg: #f6f7f9; --card: #fff; --text: #16181d; --dim: #5c6370; --line: #dfe3e8;
  --accent: #3257d6; --on-accent: #fff; --bad: #b3261e; --field: #fff }
@media (prefers-color-scheme: dark) { :root { --bg: #0e1014; --card: #171a20; --text: #e8eaee; --dim: #9aa3b2;
  --line: #2a2f38; --accent: #7c9bff; --on-accent: #0b1020; --bad: #ff8a80; --field: #0e1014 } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 24px; background: var(--bg);
  color: var(--text); font: 15px/1.55 Inter, ui-sans-serif, system-ui, "Segoe UI", sans-serif }
main { width: 100%; max-width: 440px; background: var(--card); border: 1px solid var(--line); border-radius: 14px;
  padding: 32px; box-shadow: 0 12px 40px rgb(0 0 0 / 8%) }
h1 { font-size: 20px; line-height: 1.3; margin: 0 0 8px; letter-spacing: -.01em }
p { margin: 0 0 16px; color: var(--dim) }
.brand { display: flex; align-items: center; gap: 8px; margin-bottom: 24px; font-weight: 600 }
.brand svg { color: var(--accent) }
.code { display: block; margin: 20px 0; padding: 16px 0 16px .16em; text-align: center; border: 1px solid var(--line);
  border-radius: 10px; background: var(--bg); letter-spacing: .16em;
  font: 600 28px/1.2 "JetBrains Mono", ui-monospace, SFMono-Regular, Menlo, Consolas, monospace }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 6px 16px; margin: 0 0 20px }
dt { color: var(--dim) } dd { margin: 0; overflow-wrap: anywhere }
.warn { border-left: 3px solid var(--bad); padding-left: 12px; color: var(--text) }
fieldset { border: 1px solid var(--line); border-radius: 10px; padding: 12px 16px; margin: 0 0 20px }
legend { padding: 0 6px; color: var(--dim) }
label { display: flex; gap: 10px; align-items: baseline; padding: 3px 0 }
label.field { display: block; margin-bottom: 16px; font-weight: 500 }
input { accent-color: var(--accent) }
.field input { display: block; width: 100%; margin-top: 6px; padding: 10px 12px; color: inherit;
  background: var(--field); border: 1px solid var(--line); border-radius: 8px; font: inherit }
.field input.mono { font-family: "JetBrains Mono", ui-monospace, Menlo, Consolas, monospace; letter-spacing: .08em }
small { color: var(--dim) }
.buttons { display: flex; gap: 10px }
button { flex: 1; padding: 10px 16px; border-radius: 8px; border: 1px solid var(--line); background: transparent;
  color: inherit; font: inherit; font-weight: 600; cursor: pointer }
button.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent) }
button:hover { filter: brightness(1.07) }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
`;

/** Nothing but this page and its style: no script, no frame around it, and its forms come back here. */
export const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

const KITE =
  '<svg width="20" height="20" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" ' +
  'stroke-linejoin="round" aria-hidden="true"><path d="M12 2 20 10 12 18 4 10Z"/><path d="M12 2v16M4 10h16M12 18v4"/></svg>';

function page(title: string, body: string): string {
  return (
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)} · Kite Desktop</title>` +
    '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="same-origin">' +
    `<style>${STYLE}</style></head><body><main><div class="brand">${KITE}Kite Desktop</div>` +
    `<h1>${escapeHtml(title)}</h1>${body}</main></body></html>`
  );
}

/** Asks for the code. */
export function codePage(problem: string | null): string {
  return page(
    "Connect a command line",
    `<p>Enter the code that <code>kite login</code> shows in your terminal.</p>` +
      (problem === null ? "" : `<p class="warn" role="alert">${escapeHtml(problem)}</p>`) +
      '<form method="get" action="/activate"><label class="field">Code' +
      '<input class="mono" name="user_code" autocomplete="off" autocapitalize="characters" spellcheck="false" ' +
      'maxlength="16" placeholder="XXXX-XXXX" required autofocus></label>' +
      '<div class="buttons"><button class="primary">Continue</button></div></form>',
  );
}

export interface ConfirmPage {
  readonly login: PendingLogin;
  readonly team: string;
  readonly instanceId: string;
  /** True when an admin key must be given, because the person is not at this machine. */
  readonly needsKey: boolean;
  readonly now: number;
  readonly problem: string | null;
}

/** Shows the code and who asks, and lets the person decide. */
export function confirmPage({ login, team, instanceId, needsKey, now, problem }: ConfirmPage): string {
  const seconds = Math.max(0, Math.round((now - login.askedAt) / 1_000));
  const ago = seconds < 60 ? `${seconds} s ago` : `${Math.floor(seconds / 60)} min ago`;
  const { address, local, userAgent } = login.asker;
  const from = local ? `this machine (${address})` : address;
  return page(
    "Is this the code in your terminal?",
    `<span class="code">${escapeHtml(login.userCode)}</span>` +
      (problem === null ? "" : `<p class="warn" role="alert">${escapeHtml(problem)}</p>`) +
      (local
        ? ""
        : '<p class="warn">This login was asked for from another machine. Approve it only if that was you.</p>') +
      `<dl><dt>Asked from</dt><dd>${escapeHtml(from)}</dd><dt>Program</dt><dd>${escapeHtml(userAgent)}</dd>` +
      `<dt>When</dt><dd>${ago}</dd><dt>Instance</dt><dd>${escapeHtml(instanceId)}</dd>` +
      `<dt>Team</dt><dd>${escapeHtml(team)}</dd></dl>` +
      '<form method="post" action="/activate">' +
      `<input type="hidden" name="user_code" value="${escapeHtml(login.userCode)}">` +
      "<fieldset><legend>It may</legend>" +
      '<label><input type="radio" name="permission" value="read"> <span>read events</span></label>' +
      '<label><input type="radio" name="permission" value="write" checked> <span>read, send, and manage endpoints</span></label>' +
      '<label><input type="radio" name="permission" value="admin"> <span>all of that, and manage keys and peers</span></label>' +
      "</fieldset>" +
      (needsKey
        ? '<label class="field">Admin key<input type="password" name="admin_key" autocomplete="off" maxlength="256">' +
          "<small>You are not at the machine of this hub, so an admin key of it is needed to approve.</small></label>"
        : "") +
      '<div class="buttons"><button name="decision" value="deny">Deny</button>' +
      '<button class="primary" name="decision" value="approve">Approve</button></div></form>',
  );
}

/** The last word. */
export function donePage(title: string, sentence: string): string {
  return page(title, `<p>${escapeHtml(sentence)}</p>`);
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
