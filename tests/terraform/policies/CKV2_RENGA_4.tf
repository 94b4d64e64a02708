resource "google_container_cluster" "refused" {
  name                = "x"
  deletion_protection = false
  resource_labels = {
    env = "prod"
  }
}

resource "google_container_cluster" "taken" {
  name                = "x"
  deletion_protection = true
  resource_labels = {
    env = "prod"
  }
}

resource "google_container_cluster" "taken_in_dev" {
  name                = "x"
  deletion_protection = false
  resource_labels = {
    env = "dev"
  }
}

resource "google_redis_instance" "refused" {
  name                = "x"
  deletion_protection = false
  labels = {
    env = "prod"
  }
}

resource "google_redis_instance" "taken" {
  name                = "x"
  deletion_protection = true
  labels = {
    env = "prod"
  }
}

resource "google_redis_instance" "taken_in_dev" {
  name                = "x"
  deletion_protection = false
  labels = {
    env = "dev"
  }
}

resource "google_sql_database_instance" "refused" {
  name                = "x"
  deletion_protection = false

  settings {
    tier = "db-f1-micro"
    user_labels = {
      env = "prod"
    }
  }
}

resource "google_sql_database_instance" "taken" {
  name                = "x"
  deletion_protection = true

  settings {
    tier = "db-f1-micro"
    user_labels = {
      env = "prod"
    }
  }
}

resource "google_sql_database_instance" "taken_in_dev" {
  name                = "x"
  deletion_protection = false

  settings {
    tier = "db-f1-micro"
    user_labels = {
      env = "dev"
    }
  }
}

resource "aws_db_instance" "refused" {
  identifier          = "x"
  deletion_protection = false
  tags = {
    env = "prod"
  }
}

resource "aws_db_instance" "refused_for_the_default" {
  identifier = "x"
  tags = {
    env = "prod"
  }
}

resource "aws_db_instance" "taken" {
  identifier          = "x"
  deletion_protection = true
  tags = {
    env = "prod"
  }
}

resource "aws_db_instance" "taken_in_dev" {
  identifier          = "x"
  deletion_protection = false
  tags = {
    env = "dev"
  }
}
