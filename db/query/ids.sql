-- name: IDBlockTake :exec
INSERT INTO id_block (name, next_id) VALUES (?, ?)
ON DUPLICATE KEY UPDATE next_id = next_id + VALUES(next_id);

-- name: IDBlockEnd :one
SELECT next_id FROM id_block WHERE name = ?;

-- name: InstallationPut :exec
INSERT IGNORE INTO installation (name, value) VALUES (?, ?);

-- name: InstallationGet :one
SELECT value FROM installation WHERE name = ?;
