"""What is asked: the schema of scenario files, the loader, and shipped examples."""
