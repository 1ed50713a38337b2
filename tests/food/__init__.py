"""Food-for-Thought as a whole: examples/food-for-thought in worlds of its regions."""
