-- What the console keeps: filters that were given a name, and hubs elsewhere that it looks at.

CREATE TABLE console_views (
  id uuid PRIMARY KEY,
  team text NOT NULL REFERENCES teams,
  name text NOT NULL,
  filter text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

-- The admin key is sealed with the key of this database's secrets.
CREATE TABLE console_hubs (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  url text NOT NULL,
  environment text NOT NULL CHECK (environment IN ('development', 'staging', 'production')),
  instance_id text,
  admin_key bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
