"""Rules to begin with, in which words explain every field; `rules set` takes them as they are."""

from __future__ import annotations

from typing import Any

EXAMPLE: dict[str, Any] = {
    "about": [
        "Rules are tried in order; the first whose conditions hold decides a set.",
        "`duplicates plan` shows what they come to, `duplicates apply` does it. Only rules of the"
        " mode auto act by themselves: after each `duplicates find`, on sets of which you decided"
        " nothing, and never on protected albums or into the trash.",
        "'about' is for people. Fields that are left out ask nothing.",
    ],
    "rules": [
        {
            "name": "the same, only smaller",
            "about": [
                "mode: off = not asked, ask = in plans with 'apply' false, auto = with 'apply'"
                " true, and applied after each `duplicates find`.",
                "relation: same (the default) or any; related pictures are in no set, so no rule is"
                " asked about them.",
                "probability_at_least: 0 to 1, that all are the same; never met where one was"
                " neither looked at closely nor judged by you. certainty_at_least: the same, but"
                " how near their prints are, which is no probability, where nobody looked.",
                "pixels_ratio_at_least and pixels_ratio_at_most: the largest picture's pixels"
                " through the smallest one's.",
                "pixels are those of the picture: where a closer look found a border around it,"
                " that is not counted; of as many the one without, and not cropped, is kept.",
                "keep: criteria in order. pixels, quality (of a JPEG, from its tables), format"
                " (a list, the best first), age (posted or added earlier), album (of the highest"
                " priority, or a list), source (a list), tagged, bytes.",
                "tie: where no criterion tells them apart: ask (the default) or smaller digest.",
            ],
            "mode": "auto",
            "when": {"probability_at_least": 0.98, "pixels_ratio_at_least": 1.5, "gone": False},
            "keep": ["pixels", "quality"],
        },
        {
            "name": "photographs saved several times",
            "about": [
                "formats: jpg png gif bmp tif webp avif mpo; every picture is of one of them.",
                "bytes_at_least and bytes_at_most, posted_after and posted_before, added_after and"
                " added_before (days such as 2024-12-31), albums (names, or"
                " SOURCE/USER/ALBUM), sources and priority_at_least hold of every picture.",
                "animated: true = all move, false = none does. tagged, protected and gone: true ="
                " one is, false = none is.",
                "may_hide: pictures in 'protected albums', 'only copies' of what vanished from"
                " its site, and what differs from the one that is kept by 'words or marks' over"
                " one of them, are never copies of others unless they are named here.",
            ],
            "mode": "ask",
            "when": {"formats": ["jpg"], "animated": False, "protected": False},
            "keep": ["quality", "pixels", "album", "age"],
            "tie": "smaller digest",
        },
        {
            "name": "all others",
            "mode": "off",
            "when": {"relation": "any"},
            "keep": [
                "pixels",
                {"format": ["png", "webp", "jpg"]},
                {"source": ["imagefap", "local"]},
                "tagged",
                "bytes",
            ],
            "may_hide": ["only copies"],
        },
    ],
}
