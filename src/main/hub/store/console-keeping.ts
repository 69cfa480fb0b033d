import type { Queryable } from "./database.ts";

/** A filter that was given a name. */
export interface SavedViewRow {
  readonly id: string;
  readonly name: string;
  readonly filter: string;
}

export async function listViews(db: Queryable, team: string): Promise<SavedViewRow[]> {
  const { rows } = await db.query<SavedViewRow>({
    text: "SELECT id, name, filter FROM console_views WHERE team = $1 ORDER BY lower(name), id",
    values: [team],
  });
  return rows;
}

/** Makes a view, or changes the one of this id. @returns false when the id is another team's */
export async function saveView(db: Queryable, team: string, view: SavedViewRow): Promise<boolean> {
  const { rowCount } = await db.query({
    text: `INSERT INTO console_views AS v (id, team, name, filter) VALUES ($2, $1, $3, $4)
           ON CONFLICT (id) DO UPDATE SET name = excluded.name, filter = excluded.filter WHERE v.team = excluded.team`,
    values: [team, view.id, view.name, view.filter],
  });
  return rowCount === 1;
}

export async function deleteView(db: Queryable, team: string, id: string): Promise<boolean> {
  const { rowCount } = await db.query({
    text: "DELETE FROM console_views WHERE team = $1 AND id = $2",
    values: [team, id],
  });
  return rowCount === 1;
}

/** A hub elsewhere that this console may look at. Its admin key is sealed. */
export interface AttachedHubRow {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly environment: "development" | "staging" | "production";
  readonly instance_id: string | null;
  readonly admin_key: Buffer;
}

export async function listAttachedHubs(db: Queryable): Promise<AttachedHubRow[]> {
  const { rows } = await db.query<AttachedHubRow>({
    text: "SELECT id, name, url, environment, instance_id, admin_key FROM console_hubs ORDER BY created_at, id",
  });
  return rows;
}

export async function insertAttachedHub(db: Queryable, hub: AttachedHubRow): Promise<void> {
  await db.query({
    text: `INSERT INTO console_hubs (id, name, url, environment, instance_id, admin_key) VALUES ($1, $2, $3, $4, $5, $6)`,
    values: [hub.id, hub.name, hub.url, hub.environment, hub.instance_id, hub.admin_key],
  });
}

export async function deleteAttachedHub(db: Queryable, id: string): Promise<boolean> {
  const { rowCount } = await db.query({ text: "DELETE FROM console_hubs WHERE id = $1", values: [id] });
  return rowCount === 1;
}
