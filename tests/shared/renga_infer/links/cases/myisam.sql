-- An old shop on MyISAM: keys are called after their table, nothing is declared.
-- link: orders.customers_id -> customers.customers_id
-- link: orders_products.orders_id -> orders.orders_id
-- link: orders_products.products_id -> products.products_id
-- link: products.manufacturers_id -> manufacturers.manufacturers_id
-- link: products_to_categories.categories_id -> categories.categories_id
-- link: products_to_categories.products_id -> products.products_id
-- link: reviews.customers_id -> customers.customers_id
-- link: reviews.products_id -> products.products_id
-- never: categories.sort_order
-- never: products.products_quantity
-- never: reviews.reviews_rating
CREATE TABLE customers (
  customers_id int(11) NOT NULL auto_increment, customers_firstname varchar(32), customers_email varchar(96),
  PRIMARY KEY (customers_id)
) ENGINE=MyISAM;
CREATE TABLE manufacturers (
  manufacturers_id int(11) NOT NULL auto_increment, manufacturers_name varchar(32), PRIMARY KEY (manufacturers_id)
) ENGINE=MyISAM;
CREATE TABLE categories (
  categories_id int(11) NOT NULL auto_increment, parent_id int(11) NOT NULL default '0', sort_order int(3),
  PRIMARY KEY (categories_id)
) ENGINE=MyISAM;
CREATE TABLE products (
  products_id int(11) NOT NULL auto_increment, products_quantity int(4) NOT NULL, products_model varchar(12),
  manufacturers_id int(11) NULL, PRIMARY KEY (products_id)
) ENGINE=MyISAM;
CREATE TABLE products_to_categories (
  products_id int(11) NOT NULL, categories_id int(11) NOT NULL, PRIMARY KEY (products_id, categories_id)
) ENGINE=MyISAM;
CREATE TABLE orders (
  orders_id int(11) NOT NULL auto_increment, customers_id int(11) NOT NULL, date_purchased datetime,
  PRIMARY KEY (orders_id)
) ENGINE=MyISAM;
CREATE TABLE orders_products (
  orders_products_id int(11) NOT NULL auto_increment, orders_id int(11) NOT NULL, products_id int(11) NOT NULL,
  final_price decimal(15,4), PRIMARY KEY (orders_products_id)
) ENGINE=MyISAM;
CREATE TABLE reviews (
  reviews_id int(11) NOT NULL auto_increment, products_id int(11) NOT NULL, customers_id int(11), reviews_rating int(1),
  PRIMARY KEY (reviews_id)
) ENGINE=MyISAM;
