import { createHash, randomBytes, randomInt } from "node:crypto";
import type { Permission } from "../../../shared/permissions.ts";
import type { Keys } from "../access/index.ts";
import { HubError } from "../errors.ts";

/** How long a login waits for its approval, in seconds (kite-wire.md 9). */
export const EXPIRES_S = 900;
/** How often the CLI asks whether it was approved, in seconds. */
export const INTERVAL_S = 2;

const MAX_PENDING = 50;
const MAX_PENDING_OF_ONE = 10;
const MAX_WRONG_CODES = 30;
const WRONG_CODES_MS = 60_000;
/** Letters that cannot be taken for one another, and that spell no words. */
const LETTERS = "BCDFGHJKLMNPQRSTVWXZ";

/** Where a login comes from, as far as its request tells. */
export interface Asker {
  readonly address: string;
  readonly userAgent: string;
  /** True when it was this very machine, as far as can be told. */
  readonly local: boolean;
}

/** A login that waits for a person. */
export interface PendingLogin {
  readonly userCode: string;
  readonly asker: Asker;
  /** Milliseconds since the epoch. */
  readonly askedAt: number;
  readonly expiresAt: number;
}

type State =
  | { readonly is: "pending" }
  | { readonly is: "denied" }
  | { readonly is: "granting" }
  | { readonly is: "approved"; readonly permission: Permission };

interface Login extends PendingLogin {
  state: State;
  polledAt: number;
}

/** What the CLI is told when it asks (kite-wire.md 9). */
export type PollAnswer =
  | { readonly status: 200; readonly body: { readonly api_key: string; readonly team_id: string } }
  | { readonly status: 400 | 403; readonly body: { readonly error: string } };

export interface DeviceLoginsOptions {
  readonly keys: Pick<Keys, "create">;
  /** The team whose keys are handed out. */
  readonly team: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * The logins of `kite login` that wait to be approved. They live in this process and for a quarter of an hour: a hub that
 * restarts forgets them, and the CLI is told that its code has expired. The key is made when the CLI comes for it, so
 * that no key exists that nobody has.
 */
export class DeviceLogins {
  readonly #o: DeviceLoginsOptions;
  /** By the hash of the device code, which is a secret. */
  readonly #logins = new Map<string, Login>();
  #wrongCodes = 0;
  #wrongCodesUntil = 0;

  constructor(options: DeviceLoginsOptions) {
    this.#o = options;
  }

  /** Begins a login. @throws HubError `rate_limited` when too many wait */
  begin(asker: Asker): { readonly deviceCode: string; readonly userCode: string } {
    const now = this.#o.now();
    this.#forgetExpired(now);
    const open = [...this.#logins.values()];
    const ofOne = open.filter((login) => login.asker.address === asker.address).length;
    if (open.length >= MAX_PENDING || ofOne >= MAX_PENDING_OF_ONE)
      throw new HubError("rate_limited", "Too many logins wait to be approved; approve or deny one, or wait.", {
        retry_after_secs: 60,
      });
    const deviceCode = randomBytes(32).toString("base64url");
    const userCode = this.#newUserCode();
    this.#logins.set(hashOf(deviceCode), {
      userCode,
      asker,
      askedAt: now,
      expiresAt: now + EXPIRES_S * 1_000,
      state: { is: "pending" },
      polledAt: 0,
    });
    return { deviceCode, userCode };
  }

  /** Answers the CLI; gives the key out once. @throws what creating the key throws; the login stays approved then */
  async poll(deviceCode: string): Promise<PollAnswer> {
    const now = this.#o.now();
    const hash = hashOf(deviceCode);
    const login = this.#logins.get(hash);
    if (login === undefined || login.expiresAt <= now) return refuse(400, "expired_token");
    const tooSoon = now - login.polledAt < (INTERVAL_S * 1_000) / 2;
    login.polledAt = now;
    const { state } = login;
    if (state.is === "denied") {
      this.#logins.delete(hash);
      return refuse(403, "access_denied");
    }
    if (state.is !== "approved") return refuse(400, tooSoon ? "slow_down" : "authorization_pending");
    login.state = { is: "granting" };
    try {
      const { team } = this.#o;
      const { token } = await this.#o.keys.create(team, {
        name: `kite login, ${new Date(now).toISOString().slice(0, 16).replace("T", " ")} UTC`,
        permissions: [state.permission],
        scopes: ["*"],
      });
      this.#logins.delete(hash);
      return { status: 200, body: { api_key: token, team_id: team } };
    } catch (error) {
      login.state = state;
      throw error;
    }
  }

  /** Those that wait for a person, oldest first. */
  pending(): PendingLogin[] {
    this.#forgetExpired(this.#o.now());
    return [...this.#logins.values()].filter(({ state }) => state.is === "pending").map(view);
  }

  /**
   * The login with this code, however it was typed; null when there is none that waits.
   * @throws HubError `rate_limited` after too many wrong codes
   */
  find(userCode: string): PendingLogin | null {
    const login = this.#byUserCode(userCode);
    return login === null ? null : view(login);
  }

  /** Lets the CLI have a key with this permission. @returns false when no login with this code waits */
  approve(userCode: string, permission: Permission): boolean {
    return this.#settle(userCode, { is: "approved", permission });
  }

  /** @returns false when no login with this code waits */
  deny(userCode: string): boolean {
    return this.#settle(userCode, { is: "denied" });
  }

  #settle(userCode: string, state: State): boolean {
    const login = this.#byUserCode(userCode);
    if (login === null) return false;
    login.state = state;
    return true;
  }

  #byUserCode(typed: string): Login | null {
    const now = this.#o.now();
    if (now >= this.#wrongCodesUntil) {
      this.#wrongCodes = 0;
      this.#wrongCodesUntil = now + WRONG_CODES_MS;
    }
    if (this.#wrongCodes >= MAX_WRONG_CODES)
      throw new HubError("rate_limited", "Too many wrong codes; wait a minute.", {
        retry_after_secs: Math.ceil((this.#wrongCodesUntil - now) / 1_000),
      });
    const code = typed.toUpperCase().replace(/[^A-Z]/g, "");
    for (const login of this.#logins.values())
      if (login.state.is === "pending" && login.expiresAt > now && login.userCode.replace("-", "") === code)
        return login;
    this.#wrongCodes++;
    return null;
  }

  #newUserCode(): string {
    const part = (): string => Array.from({ length: 4 }, () => LETTERS[randomInt(LETTERS.length)]).join("");
    for (;;) {
      const code = `${part()}-${part()}`;
      if (![...this.#logins.values()].some((login) => login.userCode === code)) return code;
    }
  }

  #forgetExpired(now: number): void {
    for (const [hash, login] of this.#logins) if (login.expiresAt <= now) this.#logins.delete(hash);
  }
}

function view({ userCode, asker, askedAt, expiresAt }: Login): PendingLogin {
  return { userCode, asker, askedAt, expiresAt };
}

const hashOf = (deviceCode: string): string => createHash("sha256").update(deviceCode).digest("hex");

function refuse(status: 400 | 403, error: string): PollAnswer {
  return { status, body: { error } };
}
