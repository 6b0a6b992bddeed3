"""What a review knows of duplicates: sets as lines and as views, the queue, judging.

All names that those need who show sets and take verdicts, gathered from where they are made.
"""

from fapfav.duplicates.comparison import Chip
from fapfav.duplicates.evidence import MethodScore, PairScores, Relation
from fapfav.duplicates.queue import Kind, Order, Scope, SetLine, after, before, ordered, queue
from fapfav.duplicates.suggestion import Suggestion
from fapfav.jobs.judging import (
    Action,
    Changed,
    completed,
    judge_pair,
    judge_set,
    quick,
    revision_of,
)
from fapfav.jobs.see_also import Apart, Other, SeeAlso, Standing, see_also
from fapfav.jobs.set_facts import Spot
from fapfav.jobs.set_lines import set_lines
from fapfav.jobs.set_views import Member, SetView, set_view

__all__ = [
    "Action",
    "Apart",
    "Changed",
    "Chip",
    "Kind",
    "Member",
    "MethodScore",
    "Order",
    "Other",
    "PairScores",
    "Relation",
    "Scope",
    "SeeAlso",
    "SetLine",
    "SetView",
    "Spot",
    "Standing",
    "Suggestion",
    "after",
    "before",
    "completed",
    "judge_pair",
    "judge_set",
    "ordered",
    "queue",
    "quick",
    "revision_of",
    "see_also",
    "set_lines",
    "set_view",
]
