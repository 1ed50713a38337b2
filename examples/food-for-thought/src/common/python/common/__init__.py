"""What the services of Food-for-Thought share: a layer of their functions."""
