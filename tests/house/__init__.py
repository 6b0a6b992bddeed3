"""The rules of the house: floors, sizes, words and packaging."""
