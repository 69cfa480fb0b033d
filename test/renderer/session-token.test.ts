import { expect, it } from "vitest";
import { followSessionToken, onSessionToken, sessionToken } from "../../src/renderer/data/session-token.ts";

function fakePage(hash: string) {
  const heard = new Map<string, (event: object) => void>();
  const kept = new Map<string, string>();
  const page = {
    location: { hash, pathname: "/console/", search: "" },
    history: {
      replaceState: (_state: unknown, _title: string, url: string) => {
        page.location.hash = url.slice(url.indexOf("#"));
      },
    },
    localStorage: {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
    },
    addEventListener: (type: string, listener: (event: object) => void) => void heard.set(type, listener),
  };
  followSessionToken(page as unknown as Parameters<typeof followSessionToken>[0]);
  let told = 0;
  onSessionToken(() => {
    told += 1;
  });
  return {
    page,
    token: () => sessionToken(page.localStorage),
    hear: (type: string, event = {}) => heard.get(type)?.(event),
    told: () => told,
  };
}

it("takes the token out of the address, and keeps it for the pages that are opened without one", () => {
  const { page, token, told } = fakePage("#token=ab12");
  expect([token(), page.location.hash, told()]).toEqual(["ab12", "#/", 0]);
});

it("takes the token of a later start when its URL is opened in the same page, and tells", () => {
  const { page, token, hear, told } = fakePage("#/local/stream");
  hear("popstate");
  expect([token(), told()]).toEqual([null, 0]);
  page.location.hash = "#token=cd34";
  hear("popstate");
  expect([token(), page.location.hash, told()]).toEqual(["cd34", "#/", 1]);
});

it("tells of a token that another page of this browser was opened with", () => {
  const { hear, told } = fakePage("#/local/stream");
  hear("storage", { key: "kite.theme", newValue: "dark" });
  hear("storage", { key: "kite.session", newValue: null });
  expect(told()).toBe(0);
  hear("storage", { key: "kite.session", newValue: "ef56" });
  expect(told()).toBe(1);
});
