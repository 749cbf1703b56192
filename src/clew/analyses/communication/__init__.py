"""Who talks with whom, how and in which threads, and which pairs more than chance?

`gathering` makes messages, conversations and waits of the acts and asks what chance would give,
`scoring` judges each pair, `telling` is what is said of them.
"""

from __future__ import annotations

from clew.analyses.communication import telling
from clew.analyses.communication.gathering import NEEDS, gather
from clew.analyses.communication.options import Options
from clew.analyses.communication.scoring import GIVES, score
from clew.contract import Analysis

COMMUNICATION = Analysis(
    name="communication",
    question="Who talks with whom, how and in which threads, and which pairs more or faster than"
    " their activity explains?",
    needs=NEEDS,
    gives=GIVES,
    gather=gather,
    score=score,
    find=telling.find,
    draw=telling.draw,
    options=Options,
    method=(
        "Null model: recipients shuffled within place, 30 days and part of the day, which keeps"
        " what each begins and receives; Poisson bound of its upper tail: Anderson & Samuels"
        " (1967), Proc. 5th Berkeley Symp. 1, 1-12",
        "Many tests: Benjamini & Hochberg (1995), doi:10.1111/j.2517-6161.1995.tb02031.x",
        "Answers with censoring: Kaplan & Meier (1958), doi:10.1080/01621459.1958.10501452;"
        " interval of the median: Brookmeyer & Crowley (1982), doi:10.2307/2530286; hazard:"
        " Aalen (1978), doi:10.1214/aos/1176344247",
        "Changes of the speaker: Wald & Wolfowitz (1940), doi:10.1214/aoms/1177731909",
        "Temporal motifs: Paranjape, Benson & Leskovec (2017), doi:10.1145/3018661.3018731",
    ),
    limits=(
        "A message is attention that was captured: it is not agreement, and who is silent here may"
        " talk elsewhere.",
        "In a place of two accounts (a private chat) talk with each other is no surprise: such a"
        " pair is never called, however much it talks.",
        "More than chance can have plain reasons: a common subject, a language, a task. The null"
        " knows of places and hours, not of subjects.",
        "An answer is the next message the other way within the time waited for, whatever it says.",
        "Messages without a time in UTC are counted, and are in no conversation, wait or motif.",
    ),
)
