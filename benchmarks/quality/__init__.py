"""How right the duplicates are: labelled real pictures, what each method makes of them, a page."""
