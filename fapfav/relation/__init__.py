"""What two pictures are to each other: the same, related or different, and why.

Pure functions of what is kept of pictures (`traits`); only `picture` touches pixels. From below:
`planes` (arithmetic on small pictures) and `placement`; `profile`, `align`, `tilt`, `crops` and
`orientation` say how one lies on the other, `overlap` brings both to one grid; `structure`,
`colour`, `smooth` and `animation` measure how they agree there, and `rules` has the limits. `judge`
asks them in turn, `reason` has the words, `probability` the odds, and `closer` looks again at
doubtful pairs.
"""
