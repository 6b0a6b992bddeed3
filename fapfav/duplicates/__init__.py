"""Which pictures look alike, and what is to be done about it: values in, values out.

    limits      how alike is alike enough, and which limits hold for a pair
    search      prints -> entries within a limit (alike, hamming and cosine do its work)
    find        prints -> pairs with the scores of every method, and buckets of equal hashes
    groups      pairs, buckets and what the user said -> sets with what is shown for each member
    verdicts    verdicts for a set, or for the places of a picture -> decisions and choices to write
    evidence    what each method says of a pair, how close it is, and that in words
    comparison  what of each picture is better or worse than of the others
    suggestion  which one to keep, where the facts agree on one
    queue       sets as lines, in which order they are reviewed, and which comes next
    learning    what the user said of pairs -> precision and recall of each limit, and a suggestion

Nothing here knows a file, an archive or the time; reading and writing belong to the jobs.
"""
