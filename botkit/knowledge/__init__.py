"""What a bot can look up: questions and answers from files."""
