"""What a claim is and how it is judged; knows nothing of meta-learning."""
