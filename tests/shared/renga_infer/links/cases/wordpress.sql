-- WordPress: a prefix, keys of three kinds, prefixes of columns.
-- link: wp_commentmeta.comment_id -> wp_comments.comment_ID
-- link: wp_comments.comment_post_ID -> wp_posts.ID
-- link: wp_comments.user_id -> wp_users.ID
-- link: wp_postmeta.post_id -> wp_posts.ID
-- link: wp_posts.post_author -> wp_users.ID
-- link: wp_term_relationships.term_taxonomy_id -> wp_term_taxonomy.term_taxonomy_id
-- link: wp_term_taxonomy.term_id -> wp_terms.term_id
-- link: wp_usermeta.user_id -> wp_users.ID
-- never: wp_comments.comment_karma
-- never: wp_posts.menu_order
-- never: wp_posts.comment_count
-- never: wp_term_relationships.term_order
-- never: wp_users.user_status
CREATE TABLE wp_users (
  ID bigint(20) unsigned NOT NULL auto_increment, user_login varchar(60) NOT NULL, user_email varchar(100) NOT NULL,
  user_status int(11) NOT NULL default '0', PRIMARY KEY (ID)
);
CREATE TABLE wp_usermeta (
  umeta_id bigint(20) unsigned NOT NULL auto_increment, user_id bigint(20) unsigned NOT NULL default '0',
  meta_key varchar(255), meta_value longtext, PRIMARY KEY (umeta_id)
);
CREATE TABLE wp_posts (
  ID bigint(20) unsigned NOT NULL auto_increment, post_author bigint(20) unsigned NOT NULL default '0',
  post_date datetime NOT NULL, post_title text NOT NULL, post_parent bigint(20) unsigned NOT NULL default '0',
  menu_order int(11) NOT NULL default '0', comment_count bigint(20) NOT NULL default '0', PRIMARY KEY (ID)
);
CREATE TABLE wp_postmeta (
  meta_id bigint(20) unsigned NOT NULL auto_increment, post_id bigint(20) unsigned NOT NULL default '0',
  meta_key varchar(255), meta_value longtext, PRIMARY KEY (meta_id)
);
CREATE TABLE wp_comments (
  comment_ID bigint(20) unsigned NOT NULL auto_increment, comment_post_ID bigint(20) unsigned NOT NULL default '0',
  comment_author tinytext NOT NULL, comment_karma int(11) NOT NULL default '0',
  comment_parent bigint(20) unsigned NOT NULL default '0', user_id bigint(20) unsigned NOT NULL default '0',
  PRIMARY KEY (comment_ID)
);
CREATE TABLE wp_commentmeta (
  meta_id bigint(20) unsigned NOT NULL auto_increment, comment_id bigint(20) unsigned NOT NULL default '0',
  meta_key varchar(255), PRIMARY KEY (meta_id)
);
CREATE TABLE wp_terms (
  term_id bigint(20) unsigned NOT NULL auto_increment, name varchar(200), slug varchar(200), PRIMARY KEY (term_id)
);
CREATE TABLE wp_term_taxonomy (
  term_taxonomy_id bigint(20) unsigned NOT NULL auto_increment, term_id bigint(20) unsigned NOT NULL default '0',
  taxonomy varchar(32) NOT NULL, parent bigint(20) unsigned NOT NULL default '0', count bigint(20) NOT NULL default '0',
  PRIMARY KEY (term_taxonomy_id)
);
CREATE TABLE wp_term_relationships (
  object_id bigint(20) unsigned NOT NULL default '0', term_taxonomy_id bigint(20) unsigned NOT NULL default '0',
  term_order int(11) NOT NULL default '0', PRIMARY KEY (object_id, term_taxonomy_id)
);
