"""An invented case with a story, in the formats that the platforms write, and the truth beside it.

A hacktivist channel threatens a harbour authority, a mirror forwards it within minutes, sock
puppets repeat it, an employee says too much, and a forum of bystanders wonders about patches. Among
them are decoys: a night worker, a scheduler, a news wire, a post that spreads by itself.

Everything in it is made up: reserved domains, TEST-NET addresses, ids that no platform gives. The
same seed gives the same bytes. With `scale` the bystanders become more, the plot stays the same.
"""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

from clew.case.demo import channels, enquiries, forum, group, story, x_talk
from clew.case.demo.enquiries import MAPPING, TABLE
from clew.case.demo.telegram import People
from clew.case.demo.truth import Truth

__all__ = ["MAPPING", "TABLE", "TRUTH", "write_demo"]

TRUTH = "truth.json"
"""What was planted; beside the files, and not to be imported."""

_TAKEN = dt.datetime(2026, 8, 1, 9, tzinfo=dt.UTC)


def write_demo(folder: Path, seed: int = 7, scale: int = 1) -> list[Path]:
    """Write the files of the demo case and `truth.json`; gives the files to import, in order.

    All but one of them say themselves what they are. `TABLE` needs the option `mapping`, whose text
    is in `MAPPING`; it is not among those given.

    Args:
        folder: where to; made if it is not there.
        seed: another seed gives another crowd and other chance events, the plot stays.
        scale: how many times as many bystanders as usual. The files are streamed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    truth = Truth(seed=seed, scale=scale)
    setting = story.Setting(folder=folder, seed=seed, scale=scale, truth=truth)
    people = People(truth)
    posted = channels.channel_messages(setting)
    files = [
        *channels.write_channel(setting, people, posted),
        *channels.write_mirror(setting, people, posted),
        *group.write_group(setting, people, posted),
        *group.write_archive(setting, people),
        *x_talk.write_x(setting, posted),
        *forum.write_forum(setting),
    ]
    for file in [*files, *enquiries.write_enquiries(setting)]:
        taken = channels.TAKEN.get(file.parent.name, _TAKEN).timestamp()
        os.utime(file, (taken, taken))
    truth.write(folder / TRUTH)
    return files
