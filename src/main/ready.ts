import type { App } from "./app.ts";

/** The port that clients look at when nobody tells them another (kite-wire.md 3.1). */
const CLIENT_DEFAULT_PORT = "7700";

/** One line for scripts: where the hub listens and the keys that open it. */
export function readyJson(app: App): string {
  return JSON.stringify({
    url: app.url,
    instance_id: app.instanceId,
    team_id: app.credentials.team,
    api_key: app.credentials.apiKey,
    admin_key: app.credentials.adminKey,
    hook_url: app.hookUrl,
    data_dir: app.dataDir,
    ...(app.console.url() === null ? {} : { console_url: app.console.url() }),
  });
}

/** What a person needs next: commands that work when they are pasted. */
export function readyText(app: App): string {
  const url = new URL(app.url);
  const socket = `${url.protocol === "https:" ? "wss" : "ws"}://${url.host}/ws`;
  const windows = process.platform === "win32";
  const environment: [string, string][] = [
    ["KITE_API_KEY", app.credentials.apiKey],
    ["KITE_TEAM_ID", app.credentials.team],
  ];
  if (url.port !== CLIENT_DEFAULT_PORT) environment.unshift(["KITE_WS_URL", socket]);
  const assignments = windows
    ? environment.map(([name, value]) => `set ${name}=${value}&& `).join("")
    : environment.map(([name, value]) => `${name}=${value} `).join("");
  // Double quotes inside double quotes mean the same to every shell but PowerShell, whose curl is another program.
  const body = windows ? '"{\\"hello\\":\\"kite\\"}"' : `'{"hello":"kite"}'`;
  const header = windows ? '"content-type: application/json"' : "'content-type: application/json'";
  return [
    "",
    `The hub is ready${app.startMs === null ? "" : ` after ${(app.startMs / 1000).toFixed(1)} s`}.`,
    "",
    `  Listening   ${app.url}`,
    `  Instance    ${app.instanceId}`,
    `  Team        ${app.credentials.team}`,
    `  Data        ${app.dataDir}`,
    `  API         ${app.url}/docs   (admin key ${app.credentials.adminKey})`,
    `  Hook URL    ${app.hookUrl}`,
    ...(app.console.url() === null ? [] : [`  Console     ${app.console.url()}`]),
    "",
    "  Post an event:",
    `    curl -X POST -H ${header} -d ${body} ${app.hookUrl}`,
    "",
    "  Follow the stream:",
    `    ${assignments}kite stream`,
    "",
  ].join("\n");
}
