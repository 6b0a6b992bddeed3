"""Something to practise on: real pictures in the states in which pictures are found."""
