"""What a review knows of duplicates: sets as lines and as views, the queue, judging.

All names that those need who show sets and take verdicts, gathered from where they are made.
"""

from fapfav.duplicates.comparison import Chip
from fapfav.duplicates.evidence import MethodScore, PairScores, Relation
from fapfav.duplicates.queue import Kind, Order, Scope, SetLine, after, before, ordered, queue
from fapfav.duplicates.suggestion import Suggestion
from fapfav.jobs.judging import Action, Changed, completed, judge_set, quick
from fapfav.jobs.set_facts import Spot
from fapfav.jobs.set_lines import set_lines
from fapfav.jobs.set_views import Member, SetView, set_view

__all__ = [
    "Action",
    "Changed",
    "Chip",
    "Kind",
    "Member",
    "MethodScore",
    "Order",
    "PairScores",
    "Relation",
    "Scope",
    "SetLine",
    "SetView",
    "Spot",
    "Suggestion",
    "after",
    "before",
    "completed",
    "judge_set",
    "ordered",
    "queue",
    "quick",
    "set_lines",
    "set_view",
]
