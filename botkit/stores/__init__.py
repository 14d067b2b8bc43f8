"""What is remembered, and the only room that speaks SQL for it."""
