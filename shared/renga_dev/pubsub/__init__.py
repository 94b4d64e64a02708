"""Pub/Sub on a laptop: its emulator in place of a Broker, with the topics and subscriptions that a cloud gets."""
