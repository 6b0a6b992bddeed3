"""Rules that say which of several duplicates is kept, and plans of what they come to.

    fields      values of JSON read one by one, with errors that name where
    rules       what a rule is: conditions, criteria and a mode; to JSON and back
    example     rules to begin with, explained in words
    choosing    a set and the rules -> which picture is kept, which are copies of it, and why
    plan_file   what is to become of each set, as JSON that a person may edit

Nothing here knows an archive, a file or the time; reading rows and writing them belong to the jobs.
"""
