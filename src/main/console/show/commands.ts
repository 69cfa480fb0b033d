/** Lines to paste into a terminal. */

const json = process.platform === "win32" ? '"{\\"hello\\":\\"kite\\"}"' : `'{"hello":"kite"}'`;

export function curlPost(url: string): string {
  return `curl -X POST -H "content-type: application/json" -d ${json} ${url}`;
}

export function curlEvents(url: string, key: string): string {
  return `curl -H "authorization: Bearer ${key}" ${url}/api/federation/events`;
}

/** The port that clients look at when nobody tells them another. */
const CLIENT_DEFAULT_PORT = "7700";

export function kiteStream(hubUrl: string, team: string, key: string): string {
  const url = new URL(hubUrl);
  const values = [
    ...(url.port === CLIENT_DEFAULT_PORT
      ? []
      : [["KITE_WS_URL", `${url.protocol === "https:" ? "wss" : "ws"}://${url.host}/ws`]]),
    ["KITE_API_KEY", key],
    ["KITE_TEAM_ID", team],
  ];
  const set = process.platform === "win32" ? "set " : "";
  const then = process.platform === "win32" ? "&& " : " ";
  return `${values.map(([name, value]) => `${set}${name}=${value}${then}`).join("")}kite stream`;
}
