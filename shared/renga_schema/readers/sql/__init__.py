"""SQL scripts: cut into statements, each of which changes a builder, which becomes the model at the end."""
