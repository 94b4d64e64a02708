-- A Rails application: every key is `id`, every reference `<singular>_id`, and no foreign key is declared.
-- link: addresses.user_id -> users.id
-- link: articles.author_id -> users.id
-- link: articles.category_id -> categories.id
-- link: categories.parent_id -> categories.id
-- link: comments.article_id -> articles.id
-- link: comments.user_id -> users.id
-- link: line_items.order_id -> orders.id
-- link: line_items.product_id -> products.id
-- link: orders.billing_address_id -> addresses.id
-- link: orders.user_id -> users.id
-- link: products.category_id -> categories.id
-- never: articles.views
-- never: comments.likes_count
-- never: line_items.quantity
-- never: users.external_id
-- never: attachments.record_id
CREATE TABLE users (
  id bigint PRIMARY KEY, email varchar(255) NOT NULL, name varchar(255), external_id varchar(64), created_at timestamp
);
CREATE TABLE addresses (id bigint PRIMARY KEY, user_id bigint NOT NULL, street varchar(255), city varchar(255));
CREATE TABLE categories (id bigint PRIMARY KEY, name varchar(255), parent_id bigint, position integer);
CREATE TABLE products (id bigint PRIMARY KEY, category_id bigint, name varchar(255), price numeric(10, 2));
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint, billing_address_id bigint, number varchar(32), state varchar(32));
CREATE TABLE line_items (id bigint PRIMARY KEY, order_id bigint, product_id bigint, quantity integer, price numeric(10, 2));
CREATE TABLE articles (
  id bigint PRIMARY KEY, author_id bigint, category_id bigint, title varchar(255), body text, views integer
);
CREATE TABLE comments (
  id bigint PRIMARY KEY, article_id bigint, user_id bigint, body text, likes_count integer, created_at timestamp
);
CREATE TABLE attachments (id bigint PRIMARY KEY, record_type varchar(255), record_id bigint, name varchar(255));
