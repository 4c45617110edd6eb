-- migrate:up

-- The picture of a board as one of its editors saw it. Where there is a row, it counts in place of
-- `boards.thumbnail_url`. Apart from `boards`, since lists read those rows and no bytes.
CREATE TABLE board_thumbnails (
  board_id     uuid PRIMARY KEY REFERENCES boards(id) ON DELETE CASCADE,
  -- SHA-256.
  digest       bytea NOT NULL CHECK (octet_length(digest) = 32),
  content_type varchar(127) NOT NULL,
  bytes        bytea NOT NULL,
  -- When open lists were last sent a new one.
  announced_at timestamptz NOT NULL DEFAULT now()
);
-- Pictures are compressed already.
ALTER TABLE board_thumbnails ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- migrate:down
DROP TABLE board_thumbnails;
