resource "aws_db_instance" "refused" {
  instance_class = "db.t4g.micro"
  password       = "hunter2-hunter2"
}

resource "aws_db_instance" "taken" {
  instance_class              = "db.t4g.micro"
  manage_master_user_password = true
}

resource "aws_elasticache_replication_group" "refused" {
  replication_group_id = "r"
  description          = "r"
  auth_token           = "hunter2-hunter2-hunter2"
}

resource "aws_elasticache_replication_group" "taken" {
  replication_group_id = "t"
  description          = "t"
  user_group_ids       = ["g"]
}

resource "aws_elasticache_user" "refused" {
  user_id       = "u"
  user_name     = "u"
  engine        = "redis"
  access_string = "on ~* +@all"
  passwords     = ["hunter2-hunter2-hunter2"]
}

resource "azurerm_managed_redis" "refused" {
  name = "r"

  default_database {
    access_keys_authentication_enabled = true
  }
}

resource "azurerm_managed_redis" "taken" {
  name = "t"

  default_database {
    access_keys_authentication_enabled = false
  }
}

resource "azurerm_postgresql_flexible_server" "refused" {
  name                   = "r"
  administrator_password = "hunter2-hunter2"
}

resource "google_redis_instance" "refused" {
  name         = "r"
  auth_enabled = true
}

resource "google_sql_user" "refused" {
  name     = "r"
  instance = "i"
  password = "hunter2-hunter2"
}

resource "google_sql_user" "taken" {
  name     = "t"
  instance = "i"
  type     = "CLOUD_IAM_SERVICE_ACCOUNT"
}
