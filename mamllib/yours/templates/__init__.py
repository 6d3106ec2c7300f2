"""Files to begin with; ``mamllib new`` copies them."""
