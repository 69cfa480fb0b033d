-- The newest seq when a key was handed to another hub: a client id that is new to such a key begins there, not at the tail.
ALTER TABLE api_keys ADD COLUMN from_seq bigint;
