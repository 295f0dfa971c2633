-- Every statement, by name, in the SQL that SQLite and PostgreSQL share. All of them name store_hash, but for the
-- look-up of a store by its host name (the only store there is, on localhost), claiming work of the outbox and what is asked of
-- the database as a whole. What follows `--postgresql ` on a line is for PostgreSQL only; to SQLite it is a comment.

-- name: store_by_host
SELECT store_hash FROM hosts WHERE host = :host ORDER BY store_hash LIMIT 1

-- name: store_only
-- Two are enough to tell none, one and several apart, however many there are.
SELECT store_hash FROM stores ORDER BY store_hash LIMIT 2

-- name: store_get
SELECT revision, secret, body FROM stores WHERE store_hash = :store_hash

-- name: store_revision
SELECT revision FROM stores WHERE store_hash = :store_hash

-- name: store_insert
INSERT INTO stores (store_hash, revision, secret, body) VALUES (:store_hash, 1, :secret, :body) ON CONFLICT DO NOTHING

-- name: store_replace
UPDATE stores SET revision = revision + 1, body = :body WHERE store_hash = :store_hash AND revision = :revision

-- name: host_delete_all
DELETE FROM hosts WHERE store_hash = :store_hash

-- name: host_insert
INSERT INTO hosts (store_hash, host) VALUES (:store_hash, :host) ON CONFLICT DO NOTHING

-- name: token_find
SELECT s.revision, t.name, t.scopes FROM stores s
LEFT JOIN tokens t ON t.store_hash = s.store_hash AND t.token_hash = :token_hash
WHERE s.store_hash = :store_hash

-- name: token_find_with_checkout
-- The same, and the checkout the request is about: one question instead of two.
SELECT s.revision, t.name, t.scopes, c.body FROM stores s
LEFT JOIN tokens t ON t.store_hash = s.store_hash AND t.token_hash = :token_hash
LEFT JOIN checkouts c ON c.store_hash = t.store_hash AND c.checkout_id = :checkout_id
WHERE s.store_hash = :store_hash

-- name: token_insert
INSERT INTO tokens (store_hash, token_hash, name, scopes, created_at)
VALUES (:store_hash, :token_hash, :name, :scopes, :created_at)
ON CONFLICT (store_hash, token_hash) DO UPDATE SET name = excluded.name, scopes = excluded.scopes

-- name: token_all
SELECT token_hash, name, scopes, created_at FROM tokens WHERE store_hash = :store_hash ORDER BY created_at, token_hash

-- name: sequence_next
-- The last of so many numbers; `last`: the one that is the last where there were none before.
INSERT INTO sequences (store_hash, name, value) VALUES (:store_hash, :name, :last)
ON CONFLICT (store_hash, name) DO UPDATE SET value = sequences.value + :count
RETURNING value

-- name: sequence_raise
INSERT INTO sequences (store_hash, name, value) VALUES (:store_hash, :name, :value)
ON CONFLICT (store_hash, name) DO UPDATE SET value = excluded.value WHERE sequences.value < excluded.value

-- name: product_get
SELECT body FROM products WHERE store_hash = :store_hash AND product_id = :product_id

-- name: product_get_some
-- The sixteen are no more than are asked for at once; where fewer are, one stands several times.
SELECT body FROM products WHERE store_hash = :store_hash
AND product_id IN (:a, :b, :c, :d, :e, :f, :g, :h, :i, :j, :k, :l, :m, :n, :o, :p)

-- name: product_insert
INSERT INTO products (store_hash, product_id, name, sku, has_customs, body)
VALUES (:store_hash, :product_id, :name, :sku, :has_customs, :body)
ON CONFLICT DO NOTHING

-- name: product_hold
-- Changes nothing: until the transaction ends nobody else changes or deletes the product.
UPDATE products SET name = name WHERE store_hash = :store_hash AND product_id = :product_id

-- name: product_update
UPDATE products SET name = :name, sku = :sku, has_customs = :has_customs, body = :body
WHERE store_hash = :store_hash AND product_id = :product_id

-- name: product_delete
DELETE FROM products WHERE store_hash = :store_hash AND product_id = :product_id

-- name: product_named
SELECT product_id FROM products WHERE store_hash = :store_hash AND name = :name

-- name: product_page
SELECT product_id, body FROM products
WHERE store_hash = :store_hash AND (:name = '' OR name = :name) AND (:sku = '' OR sku = :sku OR product_id IN
    (SELECT product_id FROM variants WHERE store_hash = :store_hash AND sku = :sku))
ORDER BY product_id LIMIT :limit OFFSET :offset

-- name: product_count
SELECT COUNT(*) AS product_count FROM products
WHERE store_hash = :store_hash AND (:name = '' OR name = :name) AND (:sku = '' OR sku = :sku OR product_id IN
    (SELECT product_id FROM variants WHERE store_hash = :store_hash AND sku = :sku))

-- name: product_page_customs
SELECT body FROM products WHERE store_hash = :store_hash AND has_customs = 1 ORDER BY product_id LIMIT :limit OFFSET :offset

-- name: product_count_customs
SELECT COUNT(*) AS product_count FROM products WHERE store_hash = :store_hash AND has_customs = 1

-- name: product_of_variant
SELECT body FROM products WHERE store_hash = :store_hash AND product_id =
    (SELECT product_id FROM variants WHERE store_hash = :store_hash AND variant_id = :variant_id)

-- name: product_of_variants
SELECT body FROM products WHERE store_hash = :store_hash AND product_id IN
    (SELECT product_id FROM variants WHERE store_hash = :store_hash
    AND variant_id IN (:a, :b, :c, :d, :e, :f, :g, :h, :i, :j, :k, :l, :m, :n, :o, :p))

-- name: product_of_skus
SELECT body FROM products WHERE store_hash = :store_hash AND product_id IN
    (SELECT product_id FROM products WHERE store_hash = :store_hash
    AND sku IN (:a, :b, :c, :d, :e, :f, :g, :h, :i, :j, :k, :l, :m, :n, :o, :p)
    UNION SELECT product_id FROM variants WHERE store_hash = :store_hash
    AND sku IN (:a, :b, :c, :d, :e, :f, :g, :h, :i, :j, :k, :l, :m, :n, :o, :p))

-- name: variant_insert
INSERT INTO variants (store_hash, variant_id, product_id, sku) VALUES (:store_hash, :variant_id, :product_id, :sku)

-- name: variant_of_product
SELECT variant_id FROM variants WHERE store_hash = :store_hash AND product_id = :product_id ORDER BY variant_id

-- name: variant_delete_of_product
DELETE FROM variants WHERE store_hash = :store_hash AND product_id = :product_id

-- name: stock_get_some
SELECT variant_id, location_id, units FROM stock WHERE store_hash = :store_hash
AND variant_id IN (:a, :b, :c, :d, :e, :f, :g, :h, :i, :j, :k, :l, :m, :n, :o, :p)

-- name: stock_all
SELECT variant_id, location_id, units FROM stock WHERE store_hash = :store_hash ORDER BY variant_id, location_id

-- name: stock_set
INSERT INTO stock (store_hash, variant_id, location_id, units) VALUES (:store_hash, :variant_id, :location_id, :units)
ON CONFLICT (store_hash, variant_id, location_id) DO UPDATE SET units = excluded.units

-- name: stock_counted
-- At one location, or with a negative number at any.
SELECT DISTINCT variant_id FROM stock WHERE store_hash = :store_hash AND (:location_id < 0 OR location_id = :location_id)
ORDER BY variant_id LIMIT :limit OFFSET :offset

-- name: stock_count_counted
SELECT COUNT(DISTINCT variant_id) AS variant_count FROM stock
WHERE store_hash = :store_hash AND (:location_id < 0 OR location_id = :location_id)

-- name: stock_begin
INSERT INTO stock (store_hash, variant_id, location_id, units) VALUES (:store_hash, :variant_id, :location_id, 0)
ON CONFLICT (store_hash, variant_id, location_id) DO NOTHING

-- name: stock_move
UPDATE stock SET units = units + :units
WHERE store_hash = :store_hash AND variant_id = :variant_id AND location_id = :location_id AND units + :units >= 0

-- name: stock_take
UPDATE stock SET units = units - :units
WHERE store_hash = :store_hash AND variant_id = :variant_id AND location_id = :location_id AND units >= :units

-- name: stock_give_back
UPDATE stock SET units = units + :units
WHERE store_hash = :store_hash AND variant_id = :variant_id AND location_id = :location_id

-- name: stock_delete
DELETE FROM stock WHERE store_hash = :store_hash AND variant_id = :variant_id

-- name: stock_count_in_pool
INSERT INTO stock (store_hash, variant_id, location_id, units)
SELECT store_hash, variant_id, 0, 0 FROM stock WHERE store_hash = :store_hash AND location_id = :location_id
ON CONFLICT (store_hash, variant_id, location_id) DO NOTHING

-- name: stock_delete_at
DELETE FROM stock WHERE store_hash = :store_hash AND location_id = :location_id

-- name: customer_get
SELECT store_credit, password_hash, cart_id, body FROM customers WHERE store_hash = :store_hash AND customer_id = :customer_id

-- name: customer_by_email
SELECT customer_id, store_credit, password_hash, body FROM customers WHERE store_hash = :store_hash AND email = :email

-- name: customer_ids_by_email
SELECT customer_id FROM customers WHERE store_hash = :store_hash AND email IN (:a, :b, :c, :d, :e, :f, :g, :h, :i, :j, :k, :l, :m, :n, :o, :p)

-- name: customer_insert
INSERT INTO customers (store_hash, customer_id, email, password_hash, store_credit, group_id, full_name, last_name, company, phone,
    registration_ip_address, created_at, modified_at, body)
VALUES (:store_hash, :customer_id, :email, :password_hash, :store_credit, :group_id, :full_name, :last_name, :company, :phone,
    :registration_ip_address, :created_at, :modified_at, :body)
ON CONFLICT DO NOTHING

-- name: customer_update
UPDATE customers SET email = :email, password_hash = :password_hash, store_credit = :store_credit, group_id = :group_id,
    full_name = :full_name, last_name = :last_name, company = :company, phone = :phone,
    registration_ip_address = :registration_ip_address, created_at = :created_at, modified_at = :modified_at, body = :body
WHERE store_hash = :store_hash AND customer_id = :customer_id

-- name: customer_hold
-- Changes nothing: until the transaction ends nobody else changes the customer or takes from their credit.
UPDATE customers SET cart_id = cart_id WHERE store_hash = :store_hash AND customer_id = :customer_id

-- name: customer_put_cart
UPDATE customers SET cart_id = :cart_id WHERE store_hash = :store_hash AND customer_id = :customer_id

-- name: customer_drop_cart
UPDATE customers SET cart_id = '' WHERE store_hash = :store_hash AND customer_id = :customer_id AND cart_id = :cart_id

-- name: customer_delete
DELETE FROM customers WHERE store_hash = :store_hash AND customer_id = :customer_id

-- name: customer_all
SELECT customer_id, password_hash, store_credit, body FROM customers WHERE store_hash = :store_hash ORDER BY customer_id

-- name: customer_page
-- A list comes as one text, each entry between two marks; `direction` is 1 or -1.
SELECT store_credit, body FROM customers
WHERE store_hash = :store_hash AND customer_id >= :min_id AND customer_id <= :max_id
AND (:ids = '' OR REPLACE(:ids, :mark || CAST(customer_id AS TEXT) || :mark, '') <> :ids)
AND (:names = '' OR REPLACE(:names, :mark || full_name || :mark, '') <> :names)
AND (:companies = '' OR REPLACE(:companies, :mark || company || :mark, '') <> :companies)
AND (:phones = '' OR REPLACE(:phones, :mark || phone || :mark, '') <> :phones)
AND (:group_ids = '' OR REPLACE(:group_ids, :mark || CAST(group_id AS TEXT) || :mark, '') <> :group_ids)
AND (:ip_addresses = '' OR REPLACE(:ip_addresses, :mark || registration_ip_address || :mark, '') <> :ip_addresses)
AND (:name_part = '' OR REPLACE(full_name, :name_part, '') <> full_name)
AND created_at >= :created_from AND created_at < :created_before AND modified_at >= :modified_from AND modified_at < :modified_before
ORDER BY CASE :sort WHEN 'date_created' THEN created_at WHEN 'date_modified' THEN modified_at ELSE 0 END * :direction,
    CASE WHEN :sort = 'last_name' AND :direction = 1 THEN last_name ELSE '' END,
    CASE WHEN :sort = 'last_name' AND :direction = -1 THEN last_name ELSE '' END DESC, customer_id * :direction
LIMIT :limit OFFSET :offset

-- name: customer_count
SELECT COUNT(*) AS customer_count FROM customers
WHERE store_hash = :store_hash AND customer_id >= :min_id AND customer_id <= :max_id
AND (:ids = '' OR REPLACE(:ids, :mark || CAST(customer_id AS TEXT) || :mark, '') <> :ids)
AND (:names = '' OR REPLACE(:names, :mark || full_name || :mark, '') <> :names)
AND (:companies = '' OR REPLACE(:companies, :mark || company || :mark, '') <> :companies)
AND (:phones = '' OR REPLACE(:phones, :mark || phone || :mark, '') <> :phones)
AND (:group_ids = '' OR REPLACE(:group_ids, :mark || CAST(group_id AS TEXT) || :mark, '') <> :group_ids)
AND (:ip_addresses = '' OR REPLACE(:ip_addresses, :mark || registration_ip_address || :mark, '') <> :ip_addresses)
AND (:name_part = '' OR REPLACE(full_name, :name_part, '') <> full_name)
AND created_at >= :created_from AND created_at < :created_before AND modified_at >= :modified_from AND modified_at < :modified_before

-- name: customer_address_insert
INSERT INTO customer_addresses (store_hash, address_id, customer_id, full_name, company)
VALUES (:store_hash, :address_id, :customer_id, :full_name, :company)
ON CONFLICT (store_hash, address_id) DO NOTHING

-- name: customer_address_delete_all
DELETE FROM customer_addresses WHERE store_hash = :store_hash AND customer_id = :customer_id

-- name: customer_address_owners
SELECT customer_id FROM customer_addresses
WHERE store_hash = :store_hash AND address_id IN (:a, :b, :c, :d, :e, :f, :g, :h, :i, :j, :k, :l, :m, :n, :o, :p)

-- name: customer_address_page
SELECT a.address_id, c.store_credit, c.body FROM customer_addresses a
JOIN customers c ON c.store_hash = a.store_hash AND c.customer_id = a.customer_id
WHERE a.store_hash = :store_hash AND a.customer_id >= :min_id AND a.customer_id <= :max_id
AND (:ids = '' OR REPLACE(:ids, :mark || CAST(a.address_id AS TEXT) || :mark, '') <> :ids)
AND (:customer_ids = '' OR REPLACE(:customer_ids, :mark || CAST(a.customer_id AS TEXT) || :mark, '') <> :customer_ids)
AND (:names = '' OR REPLACE(:names, :mark || a.full_name || :mark, '') <> :names)
AND (:companies = '' OR REPLACE(:companies, :mark || a.company || :mark, '') <> :companies)
ORDER BY a.address_id + 0 LIMIT :limit OFFSET :offset -- not in the order of the key: those of few customers are found by these

-- name: customer_address_count
SELECT COUNT(*) AS address_count FROM customer_addresses
WHERE store_hash = :store_hash AND customer_id >= :min_id AND customer_id <= :max_id
AND (:ids = '' OR REPLACE(:ids, :mark || CAST(address_id AS TEXT) || :mark, '') <> :ids)
AND (:customer_ids = '' OR REPLACE(:customer_ids, :mark || CAST(customer_id AS TEXT) || :mark, '') <> :customer_ids)
AND (:names = '' OR REPLACE(:names, :mark || full_name || :mark, '') <> :names)
AND (:companies = '' OR REPLACE(:companies, :mark || company || :mark, '') <> :companies)

-- name: app_get
SELECT secret FROM apps WHERE store_hash = :store_hash AND client_id = :client_id

-- name: app_put
-- Without a new secret the app keeps the one it has.
INSERT INTO apps (store_hash, client_id, secret) VALUES (:store_hash, :client_id, :secret)
ON CONFLICT (store_hash, client_id) DO UPDATE SET secret = CASE excluded.secret WHEN '' THEN apps.secret ELSE excluded.secret END

-- name: app_all
SELECT client_id FROM apps WHERE store_hash = :store_hash ORDER BY client_id

-- name: checkout_get
SELECT version, body FROM checkouts WHERE store_hash = :store_hash AND checkout_id = :checkout_id

-- name: checkout_insert
INSERT INTO checkouts (store_hash, checkout_id, version, order_id, customer_id, updated_at, body)
VALUES (:store_hash, :checkout_id, :version, :order_id, :customer_id, :updated_at, :body)

-- name: checkout_replace
-- An order leaves the version alone, so it is compared as well.
UPDATE checkouts SET version = :version, order_id = :order_id, customer_id = :customer_id, updated_at = :updated_at, body = :body
WHERE store_hash = :store_hash AND checkout_id = :checkout_id AND version = :expected_version AND order_id = :expected_order_id

-- name: checkout_delete
DELETE FROM checkouts
WHERE store_hash = :store_hash AND checkout_id = :checkout_id AND version = :expected_version AND order_id = :expected_order_id

-- name: checkout_hold
-- Changes nothing: until the transaction ends nobody else changes or deletes the checkout.
UPDATE checkouts SET version = version WHERE store_hash = :store_hash AND checkout_id = :checkout_id

-- name: checkout_ids
SELECT checkout_id FROM checkouts WHERE store_hash = :store_hash ORDER BY updated_at DESC, checkout_id LIMIT :limit

-- name: order_get
SELECT body FROM orders WHERE store_hash = :store_hash AND order_id = :order_id

-- name: order_of_checkout
SELECT body FROM orders
WHERE store_hash = :store_hash AND checkout_id = :checkout_id AND checkout_version = :checkout_version
ORDER BY repetition DESC LIMIT 1

-- name: order_insert
INSERT INTO orders
    (store_hash, order_id, checkout_id, checkout_version, repetition, status, customer_id, created_at, modified_at, email, body)
VALUES (:store_hash, :order_id, :checkout_id, :checkout_version, :repetition, :status, :customer_id, :created_at, :modified_at, :email,
    :body)
ON CONFLICT (store_hash, checkout_id, checkout_version, repetition) DO NOTHING

-- name: order_hold
-- Changes nothing: until the transaction ends nobody else changes the order.
UPDATE orders SET status = status WHERE store_hash = :store_hash AND order_id = :order_id

-- name: order_replace
UPDATE orders SET status = :status, customer_id = :customer_id, modified_at = :modified_at, body = :body
WHERE store_hash = :store_hash AND order_id = :order_id

-- name: order_page
-- `direction` is 1 or -1.
SELECT body FROM orders
WHERE store_hash = :store_hash AND order_id >= :min_id AND order_id <= :max_id
AND (:status = '' OR status = :status) AND (:customer_id = -1 OR customer_id = :customer_id)
AND (:cart_id = '' OR checkout_id = :cart_id) AND (:email = '' OR email = :email)
AND created_at >= :created_from AND created_at < :created_before AND modified_at >= :modified_from AND modified_at < :modified_before
ORDER BY CASE :sort WHEN 'date_created' THEN created_at WHEN 'date_modified' THEN modified_at WHEN 'customer_id' THEN customer_id
    ELSE order_id END * :direction, order_id * :direction
LIMIT :limit OFFSET :offset

-- name: order_counts
SELECT status, COUNT(*) AS order_count FROM orders WHERE store_hash = :store_hash GROUP BY status

-- name: order_pickup_get
SELECT body FROM order_pickups WHERE store_hash = :store_hash AND pickup_id = :pickup_id

-- name: order_pickup_of_order
SELECT body FROM order_pickups WHERE store_hash = :store_hash AND order_id = :order_id ORDER BY pickup_id

-- name: order_pickup_page
SELECT body FROM order_pickups WHERE store_hash = :store_hash ORDER BY pickup_id LIMIT :limit OFFSET :offset

-- name: order_pickup_put
INSERT INTO order_pickups (store_hash, pickup_id, order_id, body) VALUES (:store_hash, :pickup_id, :order_id, :body)
ON CONFLICT (store_hash, pickup_id) DO UPDATE SET body = excluded.body

-- name: order_pickup_delete
DELETE FROM order_pickups WHERE store_hash = :store_hash AND pickup_id = :pickup_id

-- name: event_insert
-- After all events that wait: what was written later is sent later, also where the clocks of machines differ.
INSERT INTO events (store_hash, event_id, subject, position, scope, created_at, body)
VALUES (:store_hash, :event_id, :subject,
    (SELECT CASE WHEN MAX(position) >= :created_at THEN MAX(position) + 1 ELSE :created_at END
        FROM events WHERE store_hash = :store_hash),
    :scope, :created_at, :body)

-- name: event_all
-- For tests: what was told.
SELECT event_id, subject, scope, created_at, body FROM events WHERE store_hash = :store_hash ORDER BY position, event_id

-- name: session_find
-- The cart of a session that is signed in is its customer's.
SELECT s.revision, e.order_id, e.expires_at, COALESCE(c.customer_id, 0) AS customer_id,
    COALESCE(c.cart_id, e.checkout_id) AS checkout_id
FROM stores s
LEFT JOIN sessions e ON e.store_hash = s.store_hash AND e.session_hash = :session_hash AND e.expires_at > :now
LEFT JOIN customers c ON c.store_hash = e.store_hash AND c.customer_id = e.customer_id
WHERE s.store_hash = :store_hash

-- name: session_put
INSERT INTO sessions (store_hash, session_hash, checkout_id, customer_id, order_id, expires_at)
VALUES (:store_hash, :session_hash, :checkout_id, :customer_id, :order_id, :expires_at)
ON CONFLICT (store_hash, session_hash) DO UPDATE
SET checkout_id = excluded.checkout_id, customer_id = excluded.customer_id, order_id = excluded.order_id, expires_at = excluded.expires_at

-- name: session_update
UPDATE sessions SET checkout_id = :checkout_id, customer_id = :customer_id, order_id = :order_id, expires_at = :expires_at
WHERE store_hash = :store_hash AND session_hash = :session_hash

-- name: session_delete
DELETE FROM sessions WHERE store_hash = :store_hash AND (session_hash = :session_hash OR expires_at < :now)

-- name: session_delete_of_customer
DELETE FROM sessions WHERE store_hash = :store_hash AND customer_id = :customer_id

-- name: pass_insert
INSERT INTO passes (store_hash, pass_hash, kind, checkout_id, uses_left, expires_at)
VALUES (:store_hash, :pass_hash, :kind, :checkout_id, :uses_left, :expires_at)

-- name: pass_insert_once
INSERT INTO passes (store_hash, pass_hash, kind, checkout_id, uses_left, expires_at)
VALUES (:store_hash, :pass_hash, :kind, '', 0, :expires_at) ON CONFLICT DO NOTHING

-- name: pass_forget
DELETE FROM passes WHERE store_hash = :store_hash AND kind = :kind AND expires_at < :before

-- name: pass_find
SELECT 1 AS found FROM passes WHERE store_hash = :store_hash AND pass_hash = :pass_hash AND kind = :kind AND checkout_id = :checkout_id
AND uses_left > 0 AND expires_at > :now

-- name: pass_use
UPDATE passes SET uses_left = uses_left - 1
WHERE store_hash = :store_hash AND pass_hash = :pass_hash AND kind = :kind AND checkout_id = :checkout_id
AND uses_left > 0 AND expires_at > :now

-- name: revoked_insert
INSERT INTO revoked_tokens (store_hash, token_hash, expires_at) VALUES (:store_hash, :token_hash, :expires_at) ON CONFLICT DO NOTHING

-- name: revoked_find
SELECT expires_at FROM revoked_tokens WHERE store_hash = :store_hash AND token_hash = :token_hash

-- name: metafield_page
-- A list of texts comes as one text, each between two marks; `direction` is 1 or -1.
SELECT body FROM metafields
WHERE store_hash = :store_hash AND (owner = :client OR permission_set <> 'app_only')
AND (:checkout_id = '' OR checkout_id = :checkout_id)
AND (:namespaces = '' OR REPLACE(:namespaces, :mark || namespace || :mark, '') <> :namespaces)
AND (:field_keys = '' OR REPLACE(:field_keys, :mark || field_key || :mark, '') <> :field_keys)
AND created_at >= :created_from AND created_at < :created_before AND modified_at >= :modified_from AND modified_at < :modified_before
AND metafield_id * :direction > :after
ORDER BY metafield_id * :direction LIMIT :limit OFFSET :offset

-- name: metafield_count
SELECT COUNT(*) AS field_count FROM metafields
WHERE store_hash = :store_hash AND (owner = :client OR permission_set <> 'app_only')
AND (:checkout_id = '' OR checkout_id = :checkout_id)
AND (:namespaces = '' OR REPLACE(:namespaces, :mark || namespace || :mark, '') <> :namespaces)
AND (:field_keys = '' OR REPLACE(:field_keys, :mark || field_key || :mark, '') <> :field_keys)
AND created_at >= :created_from AND created_at < :created_before AND modified_at >= :modified_from AND modified_at < :modified_before

-- name: metafield_get
SELECT body FROM metafields WHERE store_hash = :store_hash AND metafield_id = :metafield_id

-- name: metafield_cart
SELECT (SELECT COUNT(*) FROM checkouts WHERE store_hash = :store_hash AND checkout_id = :checkout_id)
    + (SELECT COUNT(*) FROM orders WHERE store_hash = :store_hash AND checkout_id = :checkout_id) AS known_count

-- name: metafield_count_of_cart
SELECT COUNT(*) AS field_count FROM metafields WHERE store_hash = :store_hash AND checkout_id = :checkout_id

-- name: metafield_insert
INSERT INTO metafields (store_hash, metafield_id, checkout_id, owner, namespace, field_key, permission_set, created_at, modified_at, body)
VALUES (:store_hash, :metafield_id, :checkout_id, :owner, :namespace, :field_key, :permission_set, :created_at, :modified_at, :body)
ON CONFLICT DO NOTHING

-- name: metafield_delete
DELETE FROM metafields WHERE store_hash = :store_hash AND metafield_id = :metafield_id AND modified_at = :modified_at

-- name: metafield_delete_of_cart
-- Once an order was made of the cart its fields stay.
DELETE FROM metafields WHERE store_hash = :store_hash AND checkout_id = :checkout_id
AND NOT EXISTS (SELECT 1 FROM orders WHERE store_hash = :store_hash AND checkout_id = :checkout_id)

-- name: answer_forget
DELETE FROM answers WHERE store_hash = :store_hash AND claimed_at < :before

-- name: answer_claim
INSERT INTO answers (store_hash, key_hash, fingerprint, claimed_at, status, body)
VALUES (:store_hash, :key_hash, :fingerprint, :claimed_at, 0, :body) ON CONFLICT DO NOTHING

-- name: answer_find
SELECT fingerprint, claimed_at, status, body FROM answers WHERE store_hash = :store_hash AND key_hash = :key_hash

-- name: answer_take_over
UPDATE answers SET claimed_at = :claimed_at
WHERE store_hash = :store_hash AND key_hash = :key_hash AND claimed_at = :expected AND status = 0

-- name: answer_keep
UPDATE answers SET status = :status, body = :body
WHERE store_hash = :store_hash AND key_hash = :key_hash AND claimed_at = :claimed_at AND status = 0

-- name: answer_release
DELETE FROM answers WHERE store_hash = :store_hash AND key_hash = :key_hash AND claimed_at = :claimed_at AND status = 0

-- name: hook_insert
INSERT INTO hooks (store_hash, hook_id, client, scope, destination, status, created_at, updated_at, idle_since, body)
VALUES (:store_hash, :hook_id, :client, :scope, :destination, :status, :created_at, :updated_at, :idle_since, :body)

-- name: hook_get
SELECT hook_id, client, scope, destination, status, created_at, updated_at, idle_since, body FROM hooks
WHERE store_hash = :store_hash AND hook_id = :hook_id

-- name: hook_of_client
SELECT hook_id, client, scope, destination, status, created_at, updated_at, idle_since, body FROM hooks
WHERE store_hash = :store_hash AND client = :client ORDER BY hook_id

-- name: hook_listening
SELECT hook_id, scope FROM hooks WHERE store_hash = :store_hash AND status = 'active' ORDER BY hook_id

-- name: hook_replace
UPDATE hooks SET scope = :scope, destination = :destination, status = :status, updated_at = :updated_at, idle_since = :idle_since,
    body = :body
WHERE store_hash = :store_hash AND hook_id = :hook_id AND updated_at = :expected_updated_at

-- name: hook_delete
DELETE FROM hooks WHERE store_hash = :store_hash AND hook_id = :hook_id

-- name: hook_deactivate
UPDATE hooks SET status = 'deactivated', updated_at = :updated_at
WHERE store_hash = :store_hash AND hook_id = :hook_id AND status = 'active' AND updated_at = :expected_updated_at

-- name: hook_deactivate_idle
UPDATE hooks SET status = 'deactivated', updated_at = :updated_at
WHERE store_hash = :store_hash AND status = 'active' AND idle_since < :idle_before

-- name: hook_used
-- Not with each delivery: many are on their way at once, and all of them would wait for this row.
UPDATE hooks SET idle_since = :now WHERE store_hash = :store_hash AND hook_id = :hook_id AND idle_since < :before

-- name: event_batch
SELECT event_id, subject, scope, created_at, body FROM events WHERE store_hash = :store_hash ORDER BY position, event_id LIMIT :limit

-- name: event_delete
DELETE FROM events WHERE store_hash = :store_hash AND event_id = :event_id

-- name: event_stores
SELECT DISTINCT store_hash FROM events ORDER BY store_hash

-- name: queue_put
-- One that is there already is held until the transaction ends, so that it is not closed while something is put into it.
INSERT INTO hook_queues (store_hash, hook_id, subject, attempts, due_at, leased_until, lease)
VALUES (:store_hash, :hook_id, :subject, 0, :now, 0, '')
ON CONFLICT (store_hash, hook_id, subject) DO UPDATE SET lease = hook_queues.lease

-- name: queue_is_due
SELECT COUNT(*) AS due_count FROM (SELECT 1 FROM hook_queues WHERE due_at <= :now AND leased_until <= :now LIMIT 1) AS found

-- name: queue_claim
-- Some queues that are due and that nobody holds, of whatever store: nobody else gets them until the lease ends.
WITH picked AS MATERIALIZED (
    SELECT store_hash, hook_id, subject FROM hook_queues
    WHERE due_at <= :now AND leased_until <= :now ORDER BY due_at LIMIT :limit
    --postgresql FOR UPDATE SKIP LOCKED
)
UPDATE hook_queues SET leased_until = :leased_until, lease = :lease
WHERE (store_hash, hook_id, subject) IN (SELECT store_hash, hook_id, subject FROM picked) AND leased_until <= :now
RETURNING store_hash, hook_id, subject, lease, attempts

-- name: queue_advance
UPDATE hook_queues SET attempts = 0, leased_until = :leased_until
WHERE store_hash = :store_hash AND hook_id = :hook_id AND subject = :subject AND lease = :lease

-- name: queue_release
UPDATE hook_queues SET attempts = :attempts, due_at = :due_at, leased_until = 0, lease = ''
WHERE store_hash = :store_hash AND hook_id = :hook_id AND subject = :subject AND lease = :lease

-- name: queue_delete_empty
-- After `queue_release` in one transaction, which holds the queue: nothing can be put into it meanwhile.
DELETE FROM hook_queues WHERE store_hash = :store_hash AND hook_id = :hook_id AND subject = :subject
AND NOT EXISTS (SELECT 1 FROM hook_deliveries WHERE store_hash = :store_hash AND hook_id = :hook_id AND subject = :subject)

-- name: queue_delete_of_hook
DELETE FROM hook_queues WHERE store_hash = :store_hash AND hook_id = :hook_id

-- name: delivery_insert
INSERT INTO hook_deliveries (store_hash, hook_id, subject, position, event_id, scope, created_at, body)
VALUES (:store_hash, :hook_id, :subject, :position, :event_id, :scope, :created_at, :body)

-- name: delivery_first
SELECT position, event_id, scope, created_at, body FROM hook_deliveries
WHERE store_hash = :store_hash AND hook_id = :hook_id AND subject = :subject ORDER BY position LIMIT 1

-- name: delivery_delete
DELETE FROM hook_deliveries WHERE store_hash = :store_hash AND hook_id = :hook_id AND subject = :subject AND position = :position

-- name: delivery_delete_of_hook
DELETE FROM hook_deliveries WHERE store_hash = :store_hash AND hook_id = :hook_id

-- name: hook_call_insert
INSERT INTO hook_calls (store_hash, call_id, hook_id, event_id, subject, scope, host, called_at, milliseconds, attempt, status, error)
VALUES (:store_hash, :call_id, :hook_id, :event_id, :subject, :scope, :host, :called_at, :milliseconds, :attempt, :status, :error)

-- name: hook_call_latest
SELECT hook_id, event_id, subject, scope, host, called_at, milliseconds, attempt, status, error FROM hook_calls
WHERE store_hash = :store_hash AND (:hook_id = 0 OR hook_id = :hook_id) ORDER BY call_id DESC LIMIT :limit

-- name: hook_call_counts
SELECT error, COUNT(*) AS call_count, MAX(called_at) AS called_at FROM hook_calls
WHERE store_hash = :store_hash AND host = :host AND called_at >= :since GROUP BY error ORDER BY call_count DESC, error

-- name: hook_call_delete
DELETE FROM hook_calls WHERE store_hash = :store_hash AND call_id < :before

-- name: pause_put
INSERT INTO hook_pauses (store_hash, host, paused_until) VALUES (:store_hash, :host, :paused_until)
ON CONFLICT (store_hash, host) DO UPDATE SET paused_until = excluded.paused_until

-- name: pause_get
SELECT paused_until FROM hook_pauses WHERE store_hash = :store_hash AND host = :host AND paused_until > :now

-- name: pause_all
SELECT host, paused_until FROM hook_pauses WHERE store_hash = :store_hash AND paused_until > :now ORDER BY host

-- name: pause_delete
DELETE FROM hook_pauses WHERE store_hash = :store_hash AND paused_until <= :now

-- name: store_all
SELECT store_hash FROM stores ORDER BY store_hash

-- name: alive
SELECT 1 AS alive

-- name: migration_all
SELECT number FROM migrations ORDER BY number

-- name: outbox_waiting
-- Over all stores, for the metrics: events that nobody was told of yet.
SELECT COUNT(*) AS event_count, MIN(created_at) AS oldest_at
FROM (SELECT created_at FROM events UNION ALL SELECT created_at FROM hook_deliveries) AS waiting

-- name: coupon_uses_get
SELECT
    COALESCE((SELECT uses FROM coupon_counters
        WHERE store_hash = :store_hash AND coupon_id = :coupon_id AND customer = ''), 0) AS in_all,
    COALESCE((SELECT uses FROM coupon_counters
        WHERE store_hash = :store_hash AND coupon_id = :coupon_id AND customer = :customer), 0) AS by_customer,
    (SELECT COUNT(*) FROM coupon_uses
        WHERE store_hash = :store_hash AND coupon_id = :coupon_id AND checkout_id = :checkout_id) AS own

-- name: coupon_uses_all
SELECT coupon_id, uses FROM coupon_counters WHERE store_hash = :store_hash AND customer = ''

-- name: coupon_use_insert
INSERT INTO coupon_uses (store_hash, coupon_id, checkout_id) VALUES (:store_hash, :coupon_id, :checkout_id)
ON CONFLICT DO NOTHING

-- name: coupon_count
-- One use more, unless there have been as many as there may be.
INSERT INTO coupon_counters (store_hash, coupon_id, customer, uses) VALUES (:store_hash, :coupon_id, :customer, 1)
ON CONFLICT (store_hash, coupon_id, customer) DO UPDATE SET uses = coupon_counters.uses + 1
WHERE coupon_counters.uses < :most

-- name: promotion_uses
-- By others than a checkout, which counted one if an order was made of it.
SELECT coupon_id, uses - (SELECT COUNT(*) FROM coupon_uses
        WHERE store_hash = :store_hash AND coupon_id = coupon_counters.coupon_id AND checkout_id = :checkout_id) AS uses
FROM coupon_counters WHERE store_hash = :store_hash AND customer = '' AND coupon_id < 0

-- name: coupon_uses_between
SELECT coupon_id, uses FROM coupon_counters
WHERE store_hash = :store_hash AND coupon_id >= :first AND coupon_id <= :last AND customer = ''

-- name: order_count
SELECT COUNT(*) AS order_count FROM orders
WHERE store_hash = :store_hash AND customer_id = :customer_id AND status NOT IN ('INCOMPLETE', 'CANCELLED', 'DECLINED')

-- name: store_hold
-- Changes nothing: until the transaction ends nobody else changes the store.
UPDATE stores SET revision = revision WHERE store_hash = :store_hash

-- name: code_insert
INSERT INTO promotion_codes (store_hash, code_id, promotion_id, code_key, body)
VALUES (:store_hash, :code_id, :promotion_id, :code_key, :body) ON CONFLICT DO NOTHING

-- name: code_replace
UPDATE promotion_codes SET code_key = :code_key, body = :body WHERE store_hash = :store_hash AND code_id = :code_id

-- name: code_get
SELECT body FROM promotion_codes WHERE store_hash = :store_hash AND code_id = :code_id

-- name: code_get_some
SELECT body FROM promotion_codes WHERE store_hash = :store_hash
AND code_id IN (:a, :b, :c, :d, :e, :f, :g, :h, :i, :j, :k, :l, :m, :n, :o, :p)

-- name: code_find
SELECT body FROM promotion_codes WHERE store_hash = :store_hash AND code_key = :code_key

-- name: code_page
SELECT body FROM promotion_codes
WHERE store_hash = :store_hash AND promotion_id = :promotion_id AND code_id > :after AND (:code_key = '' OR code_key = :code_key)
ORDER BY code_id LIMIT :limit OFFSET :offset

-- name: code_page_before
SELECT body FROM promotion_codes
WHERE store_hash = :store_hash AND promotion_id = :promotion_id AND code_id < :before AND (:code_key = '' OR code_key = :code_key)
ORDER BY code_id DESC LIMIT :limit

-- name: code_count
SELECT COUNT(*) AS code_count FROM promotion_codes
WHERE store_hash = :store_hash AND promotion_id = :promotion_id AND (:code_key = '' OR code_key = :code_key)

-- name: code_promotions
SELECT DISTINCT promotion_id FROM promotion_codes WHERE store_hash = :store_hash ORDER BY promotion_id

-- name: code_matching
SELECT DISTINCT promotion_id FROM promotion_codes
WHERE store_hash = :store_hash AND REPLACE(code_key, :part, '') <> code_key

-- name: code_all
SELECT body FROM promotion_codes WHERE store_hash = :store_hash ORDER BY code_id

-- name: code_delete_of_promotion
DELETE FROM promotion_codes WHERE store_hash = :store_hash AND promotion_id = :promotion_id

-- name: code_delete
DELETE FROM promotion_codes WHERE store_hash = :store_hash AND promotion_id = :promotion_id AND code_id = :code_id

-- name: certificate_find
SELECT balance, body FROM gift_certificates WHERE store_hash = :store_hash AND code_key = :code_key

-- name: certificate_find_some
SELECT balance, body FROM gift_certificates WHERE store_hash = :store_hash
AND code_key IN (:a, :b, :c, :d, :e, :f, :g, :h, :i, :j, :k, :l, :m, :n, :o, :p)

-- name: certificate_get
SELECT balance, body FROM gift_certificates WHERE store_hash = :store_hash AND certificate_id = :certificate_id

-- name: certificate_page
-- `direction` is 1 or -1.
SELECT balance, body FROM gift_certificates
WHERE store_hash = :store_hash AND certificate_id >= :min_id AND certificate_id <= :max_id
AND (:code_key = '' OR code_key = :code_key) AND (:order_id = -1 OR order_id = :order_id)
AND (:to_name = '' OR to_name = :to_name) AND (:to_email = '' OR to_email = :to_email)
AND (:from_name = '' OR from_name = :from_name) AND (:from_email = '' OR from_email = :from_email)
ORDER BY certificate_id * :direction LIMIT :limit OFFSET :offset

-- name: certificate_insert
INSERT INTO gift_certificates
    (store_hash, certificate_id, code_key, balance, status, order_id, to_name, to_email, from_name, from_email, body)
VALUES (:store_hash, :certificate_id, :code_key, :balance, :status, :order_id, :to_name, :to_email, :from_name, :from_email, :body)
ON CONFLICT DO NOTHING

-- name: certificate_hold
-- Changes nothing: until the transaction ends nobody else changes the certificate or takes from it.
UPDATE gift_certificates SET status = status WHERE store_hash = :store_hash AND certificate_id = :certificate_id

-- name: certificate_update
UPDATE gift_certificates SET code_key = :code_key, balance = :balance, status = :status, order_id = :order_id,
    to_name = :to_name, to_email = :to_email, from_name = :from_name, from_email = :from_email, body = :body
WHERE store_hash = :store_hash AND certificate_id = :certificate_id

-- name: certificate_take
UPDATE gift_certificates SET balance = balance - :amount
WHERE store_hash = :store_hash AND code_key = :code_key AND status = 'active' AND balance >= :amount

-- name: certificate_delete
DELETE FROM gift_certificates WHERE store_hash = :store_hash AND certificate_id = :certificate_id

-- name: certificate_delete_all
DELETE FROM gift_certificates WHERE store_hash = :store_hash

-- name: credit_begin
UPDATE customers SET store_credit = :store_credit
WHERE store_hash = :store_hash AND customer_id = :customer_id AND store_credit IS NULL

-- name: credit_take
UPDATE customers SET store_credit = store_credit - :amount
WHERE store_hash = :store_hash AND customer_id = :customer_id AND store_credit >= :amount

-- name: attempt_forget
DELETE FROM attempts WHERE store_hash = :store_hash AND tried_at < :before

-- name: attempt_put
INSERT INTO attempts (store_hash, who_hash, what_hash, tried_at) VALUES (:store_hash, :who_hash, :what_hash, :tried_at)
ON CONFLICT (store_hash, who_hash, what_hash) DO UPDATE SET tried_at = excluded.tried_at

-- name: attempt_delete
DELETE FROM attempts WHERE store_hash = :store_hash AND who_hash = :who_hash AND (:what_hash = '' OR what_hash = :what_hash)

-- name: attempt_all
SELECT what_hash, tried_at FROM attempts WHERE store_hash = :store_hash AND who_hash = :who_hash ORDER BY tried_at, what_hash

-- name: tax_connection_get
SELECT body FROM tax_connections WHERE store_hash = :store_hash AND provider_id = :provider_id

-- name: tax_connection_put
INSERT INTO tax_connections (store_hash, provider_id, body) VALUES (:store_hash, :provider_id, :body)
ON CONFLICT (store_hash, provider_id) DO UPDATE SET body = excluded.body

-- name: tax_connection_delete
DELETE FROM tax_connections WHERE store_hash = :store_hash AND provider_id = :provider_id

-- name: tax_submission_insert
INSERT INTO tax_submissions (store_hash, order_id, action, provider_id, state, quote_id, error, attempts, due_at, leased_until, lease, body)
VALUES (:store_hash, :order_id, :action, :provider_id, 'waiting', '', '', 0, :now, 0, '', :body) ON CONFLICT DO NOTHING

-- name: tax_submission_get
SELECT provider_id, state, quote_id, error, attempts FROM tax_submissions
WHERE store_hash = :store_hash AND order_id = :order_id AND action = :action

-- name: tax_submission_is_due
SELECT COUNT(*) AS due_count FROM (SELECT 1 FROM tax_submissions WHERE due_at <= :now AND leased_until <= :now LIMIT 1) AS found

-- name: tax_submission_claim
-- Some that are due and that nobody holds, of whatever store: nobody else gets them until the lease ends.
WITH picked AS MATERIALIZED (
    SELECT store_hash, order_id, action FROM tax_submissions
    WHERE due_at <= :now AND leased_until <= :now ORDER BY due_at LIMIT :limit
    --postgresql FOR UPDATE SKIP LOCKED
)
UPDATE tax_submissions SET leased_until = :leased_until, lease = :lease
WHERE (store_hash, order_id, action) IN (SELECT store_hash, order_id, action FROM picked) AND leased_until <= :now
RETURNING store_hash, order_id, action, provider_id, lease, attempts, body

-- name: tax_submission_close
UPDATE tax_submissions SET state = :state, quote_id = :quote_id, error = :error, attempts = :attempts, due_at = :due_at,
    leased_until = 0, lease = ''
WHERE store_hash = :store_hash AND order_id = :order_id AND action = :action AND lease = :lease

-- name: carrier_connection_get
SELECT body FROM carrier_connections WHERE store_hash = :store_hash AND carrier_id = :carrier_id

-- name: carrier_connection_put
INSERT INTO carrier_connections (store_hash, carrier_id, body) VALUES (:store_hash, :carrier_id, :body)
ON CONFLICT (store_hash, carrier_id) DO UPDATE SET body = excluded.body

-- name: carrier_connection_delete
DELETE FROM carrier_connections WHERE store_hash = :store_hash AND carrier_id = :carrier_id

-- name: carrier_answer_all
SELECT fingerprint, expires_at, body FROM carrier_answers
WHERE store_hash = :store_hash AND checkout_id = :checkout_id AND expires_at > :now

-- name: carrier_answer_put
INSERT INTO carrier_answers (store_hash, checkout_id, fingerprint, expires_at, body)
VALUES (:store_hash, :checkout_id, :fingerprint, :expires_at, :body)
ON CONFLICT (store_hash, checkout_id, fingerprint) DO UPDATE SET expires_at = excluded.expires_at, body = excluded.body

-- name: carrier_answer_forget
DELETE FROM carrier_answers WHERE store_hash = :store_hash AND expires_at <= :before

-- name: shown_get
SELECT body FROM shown_checkouts
WHERE store_hash = :store_hash AND checkout_id = :checkout_id AND audience = :audience

-- name: shown_put
INSERT INTO shown_checkouts (store_hash, checkout_id, audience, shown_at, body)
VALUES (:store_hash, :checkout_id, :audience, :shown_at, :body)
ON CONFLICT (store_hash, checkout_id, audience) DO UPDATE SET shown_at = excluded.shown_at, body = excluded.body

-- name: shown_delete
DELETE FROM shown_checkouts WHERE store_hash = :store_hash AND checkout_id = :checkout_id AND audience = :audience

-- name: shown_forget
DELETE FROM shown_checkouts WHERE store_hash = :store_hash AND shown_at < :before

-- name: subscription_find
SELECT body FROM subscriptions WHERE store_hash = :store_hash AND email_key = :email_key

-- name: subscription_hold
-- The entry of an address, made if there was none; until the end of the transaction nobody else changes it.
INSERT INTO subscriptions (store_hash, email_key, body) VALUES (:store_hash, :email_key, :body)
ON CONFLICT (store_hash, email_key) DO UPDATE SET body = subscriptions.body
RETURNING body

-- name: subscription_replace
UPDATE subscriptions SET body = :body WHERE store_hash = :store_hash AND email_key = :email_key
