"""Which ids do the addresses of forums carry? Members, posts, threads and boards, by engine's form.

The forms are those of phpBB, vBulletin 3 to 5, XenForo, MyBB, SMF, Invision, FluxBB and PunBB.
"""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

_MEMBER = re.compile(
    r"(?:[?&;](?:u|uid|userid|showuser|author_id)=|profile\.php\?id=|action=profile;u=|"
    r"members?/(?:[^/?#]{0,200}\.)?|member\.php\?|(?:profile|user)s?/|user-|/u/)"
    r"(\d{1,18})(?=[/?#&;_.-]|$)"
)
_MEMBER_LIKE = re.compile(
    r"memberlist\S{0,12}mode=viewprofile|profile\.php|member\.php|action=profile|"
    r"/(?:members?|profiles?|users?|u|author)/|/User-|[?&]showuser="
)
_POST_IN_FRAGMENT = re.compile(
    r"#(?:p|post|pid|msg|post-|comment-|comment_|findComment-|elComment_|entry)?(\d{1,18})$"
)
_POST = re.compile(
    r"(?:[?&;](?:p|pid|comment|postid)=|/posts?/|/post-|goto/post\?id=)(\d{1,18})(?=\D|$)"
)
_THREAD = re.compile(
    r"(?:[?&;](?:t|tid|threadid|showtopic)=|[?&;]topic=|/topic,|/threads?/(?:[^/?#]{0,300}\.)?|"
    r"/topic/|/t/(?:[^/?#]{1,300}/)?|/thread-|-t|showthread\.php\?|showthread\.php/|viewtopic\.php\?id=|/t)"
    r"(\d{1,18})(?=\D|$)"
)
_VB4_THREAD = re.compile(r"/(\d{1,18})-[^/?#]{1,300}?(?:\.html)?(?:[?#/]|$)")
_BOARD = re.compile(
    r"(?:[?&;](?:f|fid|forumid|showforum)=|[?&;]board=|/board,|/forums?/(?:[^/?#]{0,300}\.)?|"
    r"/forum-|forumdisplay\.php\?|forumdisplay\.php/|viewforum\.php\?id=|-f)"
    r"(\d{1,18})(?=\D|$)"
)
_SESSION = re.compile(r"(?<=[?&;])(?:s|sid|PHPSESSID)=[0-9A-Za-z,-]{16,64}(?:&|;|(?=#)|$)")


def member_id(href: str) -> str | None:
    """The number of a member in the address of a profile."""
    match = _MEMBER.search(href[:1000])
    return match[1] if match else None


def is_member(href: str) -> bool:
    """Whether an address looks like that of a member's profile."""
    return bool(_MEMBER_LIKE.search(href[:1000]))


def post_id(href: str) -> str | None:
    """The number of a post in an address; the fragment wins."""
    match = _POST_IN_FRAGMENT.search(href[:1000]) or _POST.search(href[:1000])
    return match[1] if match else None


def thread_id(href: str) -> str | None:
    """The number of a thread in its address."""
    match = _THREAD.search(href[:1000]) or _VB4_THREAD.search(href[:1000])
    return match[1] if match else None


def board_id(href: str) -> str | None:
    """The number of a board in its address."""
    match = _BOARD.search(href[:1000])
    return match[1] if match else None


def host_of(url: str | None) -> str | None:
    """The host of an address in lower case; null: it has none."""
    if not url:
        return None
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return None
    return host.removeprefix("www.") if host else None


def joined(base: str | None, href: str) -> str:
    """An address made absolute if it can be; numbers of a visitor's session are left out."""
    href = _SESSION.sub("", href.strip()).replace("?#", "#").replace("&#", "#").rstrip("?&;")
    if not base:
        return href
    try:
        return urljoin(base, href)
    except ValueError:
        return href
