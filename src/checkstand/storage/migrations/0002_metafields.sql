-- What metafields are searched by, besides their place and name.

ALTER TABLE metafields ADD COLUMN permission_set TEXT NOT NULL DEFAULT 'app_only';
ALTER TABLE metafields ADD COLUMN created_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE metafields ADD COLUMN modified_at BIGINT NOT NULL DEFAULT 0;
