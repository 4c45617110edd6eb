-- migrate:up

-- Whether viewers may say something to everybody on the board, and not just editors and owners.
ALTER TABLE boards
  ADD COLUMN viewers_can_broadcast boolean NOT NULL DEFAULT true;

-- migrate:down
ALTER TABLE boards
  DROP COLUMN viewers_can_broadcast;
