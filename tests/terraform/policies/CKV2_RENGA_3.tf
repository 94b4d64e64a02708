resource "google_service_account_key" "refused" {
  service_account_id = "a@p.iam.gserviceaccount.com"
}

resource "random_password" "refused" {
  length = 20
}

resource "tls_private_key" "refused" {
  algorithm = "ED25519"
}

resource "aws_iam_access_key" "refused" {
  user = "u"
}

resource "azurerm_logic_app_trigger_http_request" "refused" {
  name         = "t"
  logic_app_id = "w"
  schema       = "{}"
}

resource "azurerm_automation_account" "refused" {
  name = "a"
}
