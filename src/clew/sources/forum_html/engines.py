"""Where do the forum engines write what? One record an engine: XPath, with `{name}` for a class.

From the templates of phpBB, MyBB, SMF and FluxBB and from saved pages of the others.
"""

from __future__ import annotations

from typing import NamedTuple


class Engine(NamedTuple):
    """How one engine lays out a page of a thread. All but `posts` is relative to a post."""

    name: str
    witness: tuple[bytes, ...]  # in the bytes of a page: any of them; lower case
    posts: str
    id: tuple[str, ...]  # attributes that end in the post's number
    body: tuple[str, ...]
    author: tuple[str, ...]
    profile: tuple[str, ...]
    time: tuple[str, ...]
    title: tuple[str, ...] = ()
    rank: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    member: tuple[str, ...] = ()  # the address of the author's profile, where the name is no link


ENGINES = (
    Engine(
        name="XenForo 2",
        witness=(b'id="xf"', b"message--post"),
        posts=".//article{message--post} | .//div{message--post}",
        id=("@data-content", "@id"),
        body=(
            ".//article{message-body}//div{bbWrapper}",
            ".//*{message-body}",
            ".//div{bbWrapper}",
        ),
        author=(".//*{message-name}//*{username}", ".//*{message-name}", "@data-author"),
        profile=(".//section{message-user}", ".//*{message-user}"),
        time=(".//*{message-attribution-main}//time", ".//header//time", ".//time"),
        rank=(".//*{message-userTitle}",),
        files=(
            ".//*{message-attachments}//*{file-name}/a",
            ".//*{attachmentList}//*{file-name}//a",
        ),
    ),
    Engine(
        name="XenForo 1",
        witness=(b'id="xenforo"', b'id="messagelist"'),
        posts=".//li{message}[starts-with(@id, 'post-')]",
        id=("@id",),
        body=(".//blockquote{messageText}", ".//*{messageContent}"),
        author=(
            ".//*{userText}//a{username}",
            ".//*{messageUserInfo}//a{username}",
            "@data-author",
        ),
        profile=(".//*{messageUserInfo}",),
        time=(".//*{messageMeta}//*{DateTime}", ".//*{DateTime}"),
        rank=(".//*{userTitle}",),
        files=(".//*{attachedFiles}//*{filename}/a",),
    ),
    Engine(
        name="vBulletin 5",
        witness=(b"b-post__content", b"js-post__content-text"),
        posts=".//li{b-post}[@data-node-id]",
        id=("@data-node-id", "@id"),
        body=(".//*{js-post__content-text}", ".//*{b-post__content}"),
        author=(
            ".//*{author}//a",
            ".//*{b-userinfo}//a",
            ".//*[@itemprop='author']//*[@itemprop='name']",
        ),
        profile=(".//*{b-userinfo}",),
        time=(".//*{b-post__timestamp}//time", ".//time"),
        title=(".//h2{b-post__title}",),
        rank=(".//*{usertitle}", ".//*{b-userinfo__title}"),
        files=(".//*{b-post-attachments__item}//a",),
    ),
    Engine(
        name="vBulletin 4",
        witness=(b"postcontainer", b"postbitlegacy"),
        posts=".//li{postcontainer}[starts-with(@id, 'post_')]",
        id=("@id",),
        body=(".//blockquote{postcontent}", ".//div[starts-with(@id, 'post_message_')]"),
        author=(".//*{username_container}//a{username}", ".//*{username}"),
        profile=(".//*{userinfo}", ".//*{userinfo_noavatar}"),
        time=(".//*{postdate}//*{date}", ".//*{postdate}", ".//*{userstats}/dd[1]"),
        title=(".//h2{title}",),
        rank=(".//*{usertitle}",),
        files=(".//*{attachments}//a[contains(@href, 'attachment')]",),
    ),
    Engine(
        name="vBulletin 3",
        witness=(b'id="td_post_', b'id="post_message_'),
        posts=".//table[starts-with(@id, 'post') and .//*[starts-with(@id, 'post_message_')]]",
        id=("@id",),
        body=(".//*[starts-with(@id, 'post_message_')]",),
        author=(".//a{bigusername}", ".//*[starts-with(@id, 'postmenu_')]"),
        profile=(".//td{alt2}[.//*[starts-with(@id, 'postmenu_')]]", ".//td{alt2}"),
        time=(".//td{thead}//div{normal}[not(.//a[contains(@id, 'postcount')])]", ".//td{thead}"),
        title=(".//td[starts-with(@id, 'td_post_')]/div{smallfont}/strong",),
        rank=(".//*[starts-with(@id, 'postmenu_')]/following-sibling::div{smallfont}[1]",),
        files=(".//fieldset//a[contains(@href, 'attachment.php')]",),
    ),
    Engine(
        name="phpBB 3",
        witness=(b'class="postprofile"', b"postbody", b"section-viewtopic"),
        posts=".//div{post}[starts-with(@id, 'p') and .//*{postbody}]",
        id=("@id",),
        body=(".//*{postbody}//div{content}", ".//div{content}", ".//*{postbody}"),
        author=(
            ".//*{postprofile}//dt//a[@class='username' or @class='username-coloured']",
            ".//*{author}//strong/a",
            ".//*{author}//strong",
            ".//*{postprofile}//dt//*{username}",
            ".//*{postprofile}//strong",
        ),
        profile=(".//*{postprofile}",),
        time=(".//*{author}//time", ".//*{author}"),
        title=(".//*{postbody}//h3/a", ".//*{postbody}//h3"),
        rank=(".//*{profile-rank}",),
        files=(".//*{attachbox}//a{postlink}", ".//dl{file}//a{postlink}"),
    ),
    Engine(
        name="phpBB 3, for printing",  # without numbers of posts and members
        witness=(b'id="phpbb"',),
        posts=".//div{post}[div{date} and div{author}]",
        id=(),
        body=("./div{content}",),
        author=("./div{author}/strong",),
        profile=(),
        time=("./div{date}/strong",),
        title=("./h3",),
    ),
    Engine(
        name="phpBB 2",
        witness=(b'class="postdetails"', b'class="postbody"'),
        posts=".//tr[td/*{name}/a[@name or @id] and .//*{postdetails}]",
        id=(".//*{name}/a/@name", ".//*{name}/a/@id", ".//a/@name"),
        body=(".//td{postbody}", ".//td[span{postbody}]", ".//*{postbody}"),
        author=(".//*{name}/b", ".//*{name}/strong", ".//*{name}"),
        profile=("./td[1]",),
        time=("./td[position() > 1]//*{postdetails}",),
        member=("following-sibling::tr[1]//a[contains(@href, 'viewprofile')]/@href",),
    ),
    Engine(
        name="MyBB",
        witness=(b'class="post_body', b'id="posts_container"', b"post_author"),
        posts=".//*[starts-with(@id, 'post_') and .//*{post_body}]",
        id=("@id", ".//*{post_body}/@id"),
        body=(".//*{post_body}",),
        author=(".//*{author_information}//*{largetext}//a", ".//*{author_information}//strong"),
        profile=(".//*{post_author}",),
        time=(".//*{post_date}",),
        rank=(".//*{author_information}//*{smalltext}",),
        files=(".//a[contains(@href, 'attachment.php?aid=')]",),
    ),
    Engine(
        name="SMF",
        witness=(b"smf_theme_url", b'class="post_wrapper"', b"smf_scripturl"),
        posts=".//*{post_wrapper}",
        id=(".//*{post}//div[starts-with(@id, 'msg_')]/@id", ".//*[starts-with(@id, 'msg_')]/@id"),
        body=(".//*{post}//*{inner}", ".//*{post}"),
        author=(".//*{poster}//h4//a[contains(@href, 'action=profile')]", ".//*{poster}//h4"),
        profile=(".//*{poster}",),
        time=(".//*{keyinfo}//*{smalltext}", ".//*{postinfo}//*{smalltext}"),
        title=(".//*{keyinfo}//h5", ".//*{subject_title}"),
        rank=(".//*{poster}//li{title}", ".//*{poster}//li{membergroup}", ".//li{postgroup}"),
        files=(".//*{attachments}//a[contains(@href, 'attach')]",),
    ),
    Engine(
        name="Invision",
        witness=(b'data-role="commentcontent"', b"ipscomment_content", b"cpost_contentwrap"),
        posts=".//article[starts-with(@id, 'elComment_')]",
        id=("@id",),
        body=(".//*[@data-role='commentContent']", ".//*{cPost_contentWrap}"),
        author=(".//*{cAuthorPane_author}//a", ".//*{ipsComment_author}//h3", ".//h3//a"),
        profile=(".//*{cAuthorPane}", ".//*{ipsComment_author}"),
        time=(".//*{ipsComment_meta}//time", ".//time"),
        rank=(".//*[@data-role='group']", ".//*[@data-role='rank-title']"),
        files=(".//a{ipsAttachLink}",),
    ),
    Engine(
        name="FluxBB",
        witness=(b'class="blockpost', b"punviewtopic"),
        posts=".//div{blockpost}",
        id=("@id",),
        body=(".//*{postright}//div{postmsg}", ".//*{postmsg}"),
        author=(".//*{postleft}//dt//a", ".//*{postleft}//dt"),
        profile=(".//*{postleft}",),
        time=("./h2//a",),
        rank=(".//*{usertitle}",),
    ),
)
"""The engines, the more particular first."""
