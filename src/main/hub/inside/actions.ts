import type { AcceptResult, Peer } from "../model.ts";
import type { EntryKey } from "../store/outbox.ts";

/** Changes to peers, checked as the REST API checks them: bodies have the names of the wire. */
export interface PeerAdmin {
  /** @throws HubError `bad_request` with `field`, `conflict` */
  create(team: string, body: unknown): Promise<Peer>;
  /** @throws HubError `bad_request` with `field`, `not_found`, `conflict` */
  /** @param ifVersion see `settingsVersion`. @throws HubError `changed` when the settings are others by now */
  update(team: string, id: string, body: unknown, ifVersion?: string): Promise<Peer>;
  /** Removes the peer, and cancels what it is owed. @returns how many entries that were */
  remove(team: string, id: string): Promise<number>;
}

/** What a person does to one entry. Each is written when its promise resolves. */
export interface EntryActions {
  retryNow(team: string, entry: EntryKey): Promise<void>;
  cancel(team: string, entry: EntryKey): Promise<void>;
  replay(team: string, entry: EntryKey): Promise<void>;
  /** Sends the event with other data to the entry's peer alone, as a new event, and cancels the entry if it can be. */
  editAndResend(team: string, entry: EntryKey, data: string): Promise<AcceptResult>;
}

/** An event made by hand, as if it had come in by an endpoint. Header names are lower case. */
export interface Composed {
  readonly source: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
