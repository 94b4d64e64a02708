"""What `renga dead` does, over a runtime, a state folder, a desk somewhere else, or a Pub/Sub subscription."""
