-- The peer that a key was handed to by a pairing: it reads this hub's stream only while events may go to that peer.
ALTER TABLE api_keys ADD COLUMN peer integer REFERENCES peers (no);
