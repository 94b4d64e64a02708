-- Moodle's way: a prefix, singular tables, names without separators, bare names for references.
-- link: mdl_assign_grades.userid -> mdl_user.id
-- link: mdl_course_modules.course -> mdl_course.id
-- link: mdl_forum.course -> mdl_course.id
-- link: mdl_forum_discussions.forum -> mdl_forum.id
-- link: mdl_forum_discussions.userid -> mdl_user.id
-- link: mdl_forum_posts.userid -> mdl_user.id
-- link: mdl_groups.courseid -> mdl_course.id
-- link: mdl_groups_members.userid -> mdl_user.id
-- link: mdl_role_assignments.contextid -> mdl_context.id
-- link: mdl_role_assignments.roleid -> mdl_role.id
-- never: mdl_context.depth
-- never: mdl_course.sortorder
-- never: mdl_forum_posts.created
-- never: mdl_user.confirmed
CREATE TABLE mdl_user (
  id BIGINT(10) NOT NULL auto_increment, username VARCHAR(100) NOT NULL, confirmed TINYINT(1) NOT NULL,
  email VARCHAR(100), CONSTRAINT PRIMARY KEY (id)
);
CREATE TABLE mdl_course (
  id BIGINT(10) NOT NULL auto_increment, category BIGINT(10) NOT NULL, sortorder BIGINT(10) NOT NULL,
  fullname VARCHAR(254), CONSTRAINT PRIMARY KEY (id)
);
CREATE TABLE mdl_course_modules (
  id BIGINT(10) NOT NULL auto_increment, course BIGINT(10) NOT NULL, module BIGINT(10) NOT NULL,
  added BIGINT(10) NOT NULL, CONSTRAINT PRIMARY KEY (id)
);
CREATE TABLE mdl_context (
  id BIGINT(10) NOT NULL auto_increment, contextlevel BIGINT(10) NOT NULL, depth TINYINT(2) NOT NULL,
  CONSTRAINT PRIMARY KEY (id)
);
CREATE TABLE mdl_role (id BIGINT(10) NOT NULL auto_increment, shortname VARCHAR(100), CONSTRAINT PRIMARY KEY (id));
CREATE TABLE mdl_role_assignments (
  id BIGINT(10) NOT NULL auto_increment, roleid BIGINT(10) NOT NULL, contextid BIGINT(10) NOT NULL,
  userid BIGINT(10) NOT NULL, timemodified BIGINT(10) NOT NULL, CONSTRAINT PRIMARY KEY (id)
);
CREATE TABLE mdl_groups (
  id BIGINT(10) NOT NULL auto_increment, courseid BIGINT(10) NOT NULL, name VARCHAR(254), CONSTRAINT PRIMARY KEY (id)
);
CREATE TABLE mdl_groups_members (
  id BIGINT(10) NOT NULL auto_increment, groupid BIGINT(10) NOT NULL, userid BIGINT(10) NOT NULL,
  CONSTRAINT PRIMARY KEY (id)
);
CREATE TABLE mdl_forum (
  id BIGINT(10) NOT NULL auto_increment, course BIGINT(10) NOT NULL, name VARCHAR(255), CONSTRAINT PRIMARY KEY (id)
);
CREATE TABLE mdl_forum_discussions (
  id BIGINT(10) NOT NULL auto_increment, forum BIGINT(10) NOT NULL, userid BIGINT(10) NOT NULL,
  firstpost BIGINT(10) NOT NULL, CONSTRAINT PRIMARY KEY (id)
);
CREATE TABLE mdl_forum_posts (
  id BIGINT(10) NOT NULL auto_increment, discussion BIGINT(10) NOT NULL, parent BIGINT(10) NOT NULL,
  userid BIGINT(10) NOT NULL, created BIGINT(10) NOT NULL, subject VARCHAR(255), CONSTRAINT PRIMARY KEY (id)
);
CREATE TABLE mdl_assign_grades (
  id BIGINT(10) NOT NULL auto_increment, assignment BIGINT(10) NOT NULL, userid BIGINT(10) NOT NULL,
  grade DECIMAL(10,5), CONSTRAINT PRIMARY KEY (id)
);
