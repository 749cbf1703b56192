"""Which values does a text name, where exactly, and which are only there by accident?"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pytest

from bench import observables as bench
from bench import observables_texts as texts_of
from clew.annotators.observables import OBSERVABLES, annotate
from clew.contract import Annotator, plugins
from clew.model.tables import TABLE_OF, Observable
from clew.model.values import VALUE_TYPES
from clew.model.wallets import clean_wallet
from tests.addresses import base58check, byron, monero, onion, ripple, solana, stellar, ton

SHA256 = "1f6b4b1f7d2dd5cdd0d8c4f1cf9b4a3e8d1ac8c5a4f0de8c3b64a51b8f7a90e2"
MD5 = "b7e1d90a6c2f4f13a85e0c9d72b4613f"
SEGWIT = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"
IBAN = "GB33 BUKB 2020 1555 5555 55"


def posts(texts: list[str | None], platform: str = "x") -> pa.RecordBatch:
    size = len(texts)
    return pa.RecordBatch.from_pydict(
        {
            "post_id": pa.array([f"{platform}:{number}" for number in range(size)], pa.string()),
            "platform": pa.array([platform] * size, pa.string()),
            "posted_at": pa.array(range(size), pa.timestamp("us", "UTC")),
            "text": pa.array(texts, pa.string()),
        }
    )


def found(text: str, platform: str = "x") -> list[tuple[str, str, str]]:
    """Kind, value and original of everything that a text names; the span is checked."""
    rows = annotate(posts([text], platform)).to_pylist()
    for row in rows:
        assert text[row["start"] : row["stop"]] == row["original"]
    return [(row["kind"], row["value"], row["original"]) for row in rows]


def values(text: str, platform: str = "x") -> set[str]:
    return {f"{kind} {value}" for kind, value, _ in found(text, platform)}


# ------------------------------------------------------------------------------------- addresses

URLS = [
    ("see https://example.com/a?b=1#c now", "https://example.com/a?b=1#c"),
    ("HTTPS://Example.COM/Path", "https://example.com/Path"),
    ("(https://example.com/x)", "https://example.com/x"),
    ("https://example.com/a_(b)_c.", "https://example.com/a_(b)_c"),
    ("[text](https://example.com/x), next", "https://example.com/x"),
    ("<a href='https://example.com/x'>", "https://example.com/x"),
    ('"https://example.com/x"', "https://example.com/x"),
    ("**https://example.com/x**", "https://example.com/x"),
    ("https://example.com/x?", "https://example.com/x"),
    ("https://example.com/x…", "https://example.com/x"),
    ("Did you see https://example.com?!", "https://example.com"),
    ("https://example.com/harbour's end", "https://example.com/harbour"),
    ("https://example.com/Women's_Day", "https://example.com/Women's_Day"),
    ("https://user:pw@example.com:8443/x", "https://user:pw@example.com:8443/x"),
    ("ftp://files.example.org/pub/", "ftp://files.example.org/pub/"),
    ("${jndi:ldap://203.0.113.7:1389/a}", "ldap://203.0.113.7:1389/a"),
    ("stratum+tcp://pool.example.com:3333", "stratum+tcp://pool.example.com:3333"),
    ("file://files.example.net@SSL/DavWWWRoot/a", "file://files.example.net@SSL/DavWWWRoot/a"),
    ("http://[2001:db8::7]:8080/x", "http://[2001:db8::7]:8080/x"),
    ("https://bücher.example/ä?ö=ü", "https://xn--bcher-kva.example/ä?ö=ü"),
    ("看https://example.com/abc看这个", "https://example.com/abc"),
    ("看https://example.com看这个", "https://example.com"),
    ("https://example.com/wiki/日本の港。次", "https://example.com/wiki/日本の港"),
    ("看这里。https://example.com/a。", "https://example.com/a"),
    ("https://example.com/путь/дом", "https://example.com/путь/дом"),
    ("https://example.com/abcпривет", "https://example.com/abc"),
    ("https://example.com/abcمرحبا", "https://example.com/abc"),
    ("https://example.com/تهران-تا-شمال، و", "https://example.com/تهران-تا-شمال"),
    ("https://example.com/x🔥🔥 #hot", "https://example.com/x"),
    ("https://example.com/x☎️", "https://example.com/x"),
    ("https://example.com/x—see", "https://example.com/x"),
    ("example.com/path?q=1.", "example.com/path?q=1"),
    ("www.example.com?id=7", "www.example.com?id=7"),
    ("192.0.2.5:8080/gate", "192.0.2.5:8080/gate"),
]


@pytest.mark.parametrize(("text", "url"), URLS)
def test_a_url_ends_where_the_sentence_goes_on(text, url):
    assert [value for kind, value, _ in found(text) if kind == "url"] == [url]


def test_a_url_gives_its_host_too():
    assert found("go: hxxps://a.example[.]com/x, then") == [
        ("url", "https://a.example.com/x", "hxxps://a.example[.]com/x"),
        ("domain", "a.example.com", "a.example[.]com"),
    ]
    assert found("http://203.0.113.9/x") == [
        ("url", "http://203.0.113.9/x", "http://203.0.113.9/x"),
        ("ipv4", "203.0.113.9", "203.0.113.9"),
    ]
    assert values("http://[2001:db8::7]/x") == {"url http://[2001:db8::7]/x", "ipv6 2001:db8::7"}


def test_the_host_is_what_follows_the_last_at_sign():
    assert "domain evil.example.com" in values("https://bank.example.org@evil.example.com/login")


def test_two_urls_without_a_space_are_two():
    assert values("https://a.example.com/xhttps://b.example.com/y") >= {
        "url https://a.example.com/x",
        "url https://b.example.com/y",
    }
    assert values("https://a.example.com/x,https://b.example.com/y") >= {
        "url https://a.example.com/x",
        "url https://b.example.com/y",
    }
    markdown = "[https://a.example.com/x](https://a.example.com/y)"
    assert values(markdown) >= {"url https://a.example.com/x", "url https://a.example.com/y"}


def test_the_target_of_a_redirect_is_named_too():
    assert values("https://example.com/out?u=http://example.net/x&s=1") == {
        "url https://example.com/out?u=http://example.net/x&s=1",
        "domain example.com",
        "url http://example.net/x",
        "domain example.net",
    }


def test_a_url_hides_what_is_no_name_of_its_own():
    text = f"https://example.com/@jo/2024.01.02/#top?ip=192.0.2.1&h={MD5}&c=CVE-2021-44228"
    assert {value.partition(" ")[0] for value in values(text)} == {"url", "domain", "md5", "cve"}


def test_a_link_may_carry_the_mail_address_of_its_victim():
    assert "email jo@example.org" in values("https://example.com/login?user=jo@example.org")


DEFANGED = [
    ("hxxp://example[.]com/a", "url http://example.com/a"),
    ("hXXps://example.com", "url https://example.com"),
    ("h**p://example.com/a", "url http://example.com/a"),
    ("hxxps[:]//example[.]com[/]a", "url https://example.com/a"),
    ("http[:]//example.com", "url http://example.com"),
    ("hxxp[://]example(.)com/a", "url http://example.com/a"),
    ("http[s]://example[.]com", "url https://example.com"),
    ("http:\\\\example.com", "url http://example.com"),
    ("http:// example.com/a", "url http://example.com/a"),
    ("hxxp://203[.]0[.]113[.]9[:]8080/x", "url http://203.0.113.9:8080/x"),
    ("fxp://example[.]com/a", "url ftp://example.com/a"),
    ("meow://example[.]com", "url http://example.com"),
    ("example[.]com", "domain example.com"),
    ("example(.)com", "domain example.com"),
    ("example{.}com", "domain example.com"),
    ("example[dot]com", "domain example.com"),
    ("example (dot) com", "domain example.com"),
    ("example [.] com", "domain example.com"),
    ("example[.com", "domain example.com"),
    ("example.]com", "domain example.com"),
    ("a.example\\.com", "domain a.example.com"),
    ("example\\[\\.\\]com", "domain example.com"),
    ("example。com", "domain example.com"),
    ("example\u200b.com", "domain example.com"),
    ("203.0.113[.]9", "ipv4 203.0.113.9"),
    ("203[.]0[.]113[.]9", "ipv4 203.0.113.9"),
    ("203(dot)0(dot)113(dot)9", "ipv4 203.0.113.9"),
    ("203.0.113[.9", "ipv4 203.0.113.9"),
    ("198.51.100[.]0/24", "cidr 198.51.100.0/24"),
    ("2001[:]db8[:]40[::]1", "ipv6 2001:db8:40::1"),
    ("jo[@]example.org", "email jo@example.org"),
    ("jo[at]example[.]org", "email jo@example.org"),
    ("jo (at) example (dot) org", "email jo@example.org"),
    ("jo at example dot org", "email jo@example.org"),
    ("jo＠example.org", "email jo@example.org"),
    ("readme[.]md", "domain readme.md"),
    ("payload[.]exe", "file_name payload.exe"),
]


@pytest.mark.parametrize(("text", "value"), DEFANGED)
def test_what_was_defanged_is_found_and_marked(text, value):
    rows = annotate(posts([f"Beware {text} today"])).to_pylist()
    assert value in {f"{row['kind']} {row['value']}" for row in rows}
    for row in rows:
        if f"{row['kind']} {row['value']}" == value:
            assert row["is_defanged"], row
            assert row["original"] == text


def test_what_is_written_plainly_is_not_marked():
    text = f"https://example.com/x jo@example.org 203.0.113.9 2001:db8::1 {SHA256} #tag @jo"
    assert not any(annotate(posts([text]))["is_defanged"].to_pylist())


DOMAINS = [
    ("visit example.com today", "example.com"),
    ("visit Example.COM.", "example.com"),
    ("see a.b.example.co.uk, or", "a.b.example.co.uk"),
    ("ask example.com.Then go", "example.com"),
    ("请访问example.com查看", "example.com"),
    ("ไปที่example.comนะ", "example.com"),
    ("زورواexample.comالآن", "example.com"),
    ("anybody @example.com", "example.com"),
    ("на пример.рф и", "xn--e1afmkfd.xn--p1ai"),
    ("bei bücher.example sein", "xn--bcher-kva.example"),
    ("*.example.net", "example.net"),
    ("_example.com_", "example.com"),
    ("example.com:8080", "example.com"),
    ("➡️example.com", "example.com"),
    ("ｅｘａｍｐｌｅ．ｃｏｍ", "example.com"),
    ("𝐞𝐱𝐚𝐦𝐩𝐥𝐞.𝐜𝐨𝐦", "example.com"),
    ("dead drop: harbour.bazar", "harbour.bazar"),
    ("\\\\files.example.com\\share", "files.example.com"),
]


@pytest.mark.parametrize(("text", "domain"), DOMAINS)
def test_hosts_without_a_scheme(text, domain):
    assert values(text) == {f"domain {domain}"}


def test_the_remote_of_a_repository_is_no_mail_address():
    assert values("git@example.com:jo/repo") == {"domain example.com"}


def test_a_look_alike_is_another_host():
    cyrillic = "ехample.com"  # its first two letters are Cyrillic
    assert values(cyrillic) == {f"domain {cyrillic.encode('idna').decode()}"}


ADDRESSES = [
    ("203.0.113.9", "ipv4 203.0.113.9"),
    ("from 203.0.113.9: refused", "ipv4 203.0.113.9"),
    ("203.0.113.9:443", "ipv4 203.0.113.9"),
    ("203.0.113.0/24", "cidr 203.0.113.0/24"),
    ("203.0.113.77/24", "cidr 203.0.113.0/24"),
    ("203.0.113.9/32", "ipv4 203.0.113.9"),
    ("2001:db8::1", "ipv6 2001:db8::1"),
    ("2001:DB8:0:0:0:0:0:1", "ipv6 2001:db8::1"),
    ("2001:db8::1: down", "ipv6 2001:db8::1"),
    ("2001:db8::/32", "cidr 2001:db8::/32"),
    ("::1", "ipv6 ::1"),
    ("::ffff:192.0.2.1", "ipv6 ::ffff:192.0.2.1"),
    ("fe80::1", "ipv6 fe80::1"),
    ("AS64496", "asn AS64496"),
    ("ASN 64496", "asn AS64496"),
    ("02:00:5E:10:00:00", None),
    ("02:00:5e:10:00:0a", "mac 02:00:5e:10:00:0a"),
    ("02-00-5E-10-00-0A", "mac 02:00:5e:10:00:0a"),
    (onion(), f"onion {onion()}"),
    (onion().removesuffix(".onion"), f"onion {onion()}"),
    ("expyuzz4wqqyqhjn.onion", "onion expyuzz4wqqyqhjn.onion"),
]


@pytest.mark.parametrize(("text", "value"), [case for case in ADDRESSES if case[1]])
def test_addresses_of_machines(text, value):
    assert values(f"Seen {text} again") | values(text) >= {value}


def test_a_range_names_both_its_ends():
    assert values("192.0.2.1-192.0.2.9") == {"ipv4 192.0.2.1", "ipv4 192.0.2.9"}


NOTHING = [
    # versions, numbers, times, dates
    "version 1.2.3.4",
    "v1.2.3.4 and Version: 10.0.0.1",
    "Firefox/120.0.0.1",
    "версия 1.2.3.4",
    "§ 1.2.3.4",
    "1.2.3.4.5",
    "1.2.3.4-beta2 and 1.2.3.4-rc",
    "the 1.2.3.4 version, upgraded from 1.2.3.4",
    "Chrome 120.0.0.1",
    "10.0.300.1",
    "192.168.001.001",
    "at 12:30:45, 2024-01-02 03:04:05.678",
    "12.11.2020 3.5 1.000.000,00",
    "1::2 a::b std::vector abc::def dead::beef :: ::",
    "0:0:0",
    "+1 -1 +12 1+1234567890",
    "01-12-23-34-45-49",
    # files, code, abbreviations, sentences without a space
    "readme.md and lib.rs and main.rs",
    "libfoo.so.1 kernel32.lib",
    "self.id this.name console.log Date.now() user.name",
    "com.example.app org.example.client",
    "ASP.NET VB.NET Node.js",
    "e.g. i.e. U.S. a.m. m.in. st.dev.",
    "It ended.It was late.The sea. Done.So what",
    "Was it TV.Ma?",
    "on English.SE",
    "etc...and so.on",
    "/etc/rc.local $foo.bar",
    # near misses
    "co.uk",
    "example.nosuchtld",
    "a.b",
    "-.com",
    "..example",
    "jo@",
    "jo@localhost",
    f"{SHA256}0",
    f"x{MD5}",
    "0" * 64,
    "a" * 40,
    "CVE-2021-123",
    "CVE-1821-12345",
    "T12345 XT1059 T1000",
    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD",
    "GB34 BUKB 2020 1555 5555 55",
    "AS 400 as 12345 AS400",
    # marks
    "C# F# &#39; &#x27; #1 #2024 # #_",
    "a#b 5#c",
    "@ @@ @_ 5@6 a@b @1",
    "❤️ ☎ 🔥",
    "",
    "\x00",
]


@pytest.mark.parametrize("text", NOTHING)
def test_what_only_looks_like_a_value(text):
    assert found(text) == []


# ------------------------------------------------------------------------- people, topics, tokens

MAILS = [
    ("jo@example.org", "jo@example.org"),
    ("Jo.Doe+x@Example.ORG.", "jo.doe+x@example.org"),
    ("mailto:jo@example.org?subject=x", "jo@example.org"),
    ("<jo@example.org>", "jo@example.org"),
    ("'jo@example.org'", "jo@example.org"),
    ("联系jo@example.org吧", "jo@example.org"),
    ("jo@bücher.example", "jo@xn--bcher-kva.example"),
    ("почта@пример.рф", "почта@xn--e1afmkfd.xn--p1ai"),
    ("jo@example.org: hello", "jo@example.org"),
    ("write jo@example.org.Then wait", "jo@example.org"),
]


@pytest.mark.parametrize(("text", "mail"), MAILS)
def test_mail_addresses_give_their_domain_too(text, mail):
    assert values(text) == {f"email {mail}", f"domain {mail.partition('@')[2]}"}


HANDLES = [
    ("@jo_doe said", ["jo_doe"]),
    (".@Jo RT @ann: (@bob) 🔥@eve **@kim**", ["jo", "ann", "bob", "eve", "kim"]),
    ("我@jo说 привет @ann", ["jo", "ann"]),
    ("＠jo", ["jo"]),
    ("@jo@social.example fedi", ["jo@social.example"]),
    ("@jo.bsky.social", ["jo.bsky.social"]),
    ("@jo.Then @jo-doe", ["jo", "jo"]),
]


@pytest.mark.parametrize(("text", "names"), HANDLES)
def test_handles(text, names):
    assert [value for kind, value, _ in found(text) if kind == "handle"] == names


def test_on_some_platforms_a_name_has_dots():
    assert values("@jo.doe", "instagram") == {"handle jo.doe"}
    assert values("@jo.doe", "x") == {"handle jo"}


HASHTAGS = [
    ("#Tag", ["tag"]),
    ("#ÜberAll #über_all", ["überall", "über_all"]),
    ("#日本 #привет #हिन्दी #اليمن", ["日本", "привет", "हिन्दी", "اليمن"]),
    ("#话题#下一段", ["话题"]),
    ("⚠️#tag", ["tag"]),
    ("＃tag (#tag2) #1st", ["tag", "tag2", "1st"]),
    ("#STRASSE #Straße", ["strasse", "strasse"]),
]


@pytest.mark.parametrize(("text", "tags"), HASHTAGS)
def test_hashtags(text, tags):
    assert [value for kind, value, _ in found(text) if kind == "hashtag"] == tags


PHONES = [
    ("+44 20 7946 0123", "+442079460123"),
    ("+442079460123", "+442079460123"),
    ("call +1 (202) 555-0143 now", "+12025550143"),
    ("tel:+1-202-555-0143", "+12025550143"),
    ("+44 20 7946 0123 2024", "+442079460123"),
    ("(202) 555-0143", "+12025550143"),
    ("1-202-555-0143", "+12025550143"),
]


@pytest.mark.parametrize(("text", "phone"), PHONES)
def test_phones(text, phone):
    assert values(text) == {f"phone {phone}"}


TOKENS = [
    (MD5, f"md5 {MD5}"),
    ("9a1c2b7de0f43b68c2f5a7709d14e6b3ac05f8d1", "sha1 9a1c2b7de0f43b68c2f5a7709d14e6b3ac05f8d1"),
    (SHA256.upper(), f"sha256 {SHA256}"),
    (f"sample_{SHA256}_x", f"sha256 {SHA256}"),
    (f"{SHA256}{SHA256}", f"sha512 {SHA256}{SHA256}"),
    ("CVE-2021-44228", "cve CVE-2021-44228"),
    ("cve‑2021–44228", "cve CVE-2021-44228"),
    ("CVE 2021 44228", "cve CVE-2021-44228"),
    ("exploit_CVE_2021_44228.py", "cve CVE-2021-44228"),
    ("T1059.001", "attack_id T1059.001"),
    ("(TA0001)", "attack_id TA0001"),
    ("UA-12345678-1", "tracking_id UA-12345678-1"),
    ("ca-pub-1234567890123456", "tracking_id pub-1234567890123456"),
    (IBAN, "iban GB33BUKB20201555555555"),
    (f"{IBAN} BANK", "iban GB33BUKB20201555555555"),
    ("invoice_2024.pdf.exe", "file_name invoice_2024.pdf.exe"),
    ("C:\\Temp\\Evil.DLL", "file_name evil.dll"),
    ("отчёт.docx", "file_name отчёт.docx"),
    ("data.zip", "file_name data.zip"),
    ("rule Harbour_Loader : apt { strings:", "yara_rule Harbour_Loader"),
    ("YARA rule: APT_Harbour_1", "yara_rule APT_Harbour_1"),
    ("proc_creation_win_harbour.yml", "sigma_rule proc_creation_win_harbour"),
    ("HKLM\\Software\\Run", "registry_key HKEY_LOCAL_MACHINE\\Software\\Run"),
    ("HKCU\\Control Panel\\Desktop", "registry_key HKEY_CURRENT_USER\\Control Panel\\Desktop"),
    ("arn:aws:s3:::harbour/a.png", "arn arn:aws:s3:::harbour/a.png"),
    (SEGWIT, f"bitcoin {SEGWIT}"),
    (SEGWIT.upper(), f"bitcoin {SEGWIT}"),
    (
        "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
        "ethereum 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    ),
]


@pytest.mark.parametrize(("text", "value"), TOKENS)
def test_tokens(text, value):
    assert value in values(text)
    assert value in values(f"Seen: {text}, again.")


def test_two_registry_keys_in_a_sentence_are_two():
    assert values("HKLM\\Software\\Foo and HKCU\\Software\\Bar, both") == {
        "registry_key HKEY_LOCAL_MACHINE\\Software\\Foo",
        "registry_key HKEY_CURRENT_USER\\Software\\Bar",
    }


WALLETS = {
    "bitcoin": [base58check(b"\0"), base58check(b"\5"), SEGWIT,
                "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"],
    "bitcoin_cash": ["qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a"],
    "cardano": [byron(), "addr1vx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzers66hrl8"],
    "dash": [base58check(b"\x4c"), base58check(b"\x10")],
    "dogecoin": [base58check(b"\x1e"), base58check(b"\x16")],
    "ethereum": ["0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"],
    "litecoin": [base58check(b"\x30"), base58check(b"\x32")],
    "monero": [monero(18), monero(42)],
    "ripple": [ripple()],
    "solana": [solana()],
    "stellar": [stellar()],
    "tezos": [base58check(b"\x06\xa1\x9f"), base58check(b"\x02\x5a\x79")],
    "ton": [ton()],
    "tron": [base58check(b"\x41")],
    "zcash": [base58check(b"\x1c\xb8"), base58check(b"\x1c\xbd")],
}  # fmt: skip


@pytest.mark.parametrize(
    ("currency", "address"),
    [(currency, address) for currency, addresses in WALLETS.items() for address in addresses],
)
def test_wallets_are_told_apart_and_checked(currency, address):
    assert values(f"donate: {address}.") == {f"{currency} {address}"}
    assert clean_wallet(address) == (currency, address)
    if currency == "solana":  # it has no checksum
        return
    at = len(address) - 3
    wrong = address[:at] + ("q" if address[at] != "q" else "p") + address[at + 1 :]
    assert clean_wallet(wrong) is None
    assert currency not in {kind for kind, _, _ in found(wrong)}


def test_both_forms_of_a_ton_account_are_one():
    assert ton(0x51) != ton(0x11)
    assert values(f"{ton(0x51)} {ton(0x11)}") == {f"ton {ton(0x11)}"}


# -------------------------------------------------------------------------------------- the batch


def test_rows_are_those_of_the_table():
    rows = annotate(posts([None, "see example.com", "", "and #tag"]))
    table = TABLE_OF[Observable]
    assert rows.schema == pa.schema([table.arrow.field(name) for name in table.content])
    assert rows["post_id"].to_pylist() == ["x:1", "x:3"]
    assert rows["posted_at"].to_pylist() == [
        dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=number)
        for number in (1, 3)
    ]
    assert annotate(posts([])).schema == rows.schema
    assert annotate(posts([None])).num_rows == 0


@pytest.mark.parametrize(
    "kind", [pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())]
)
def test_any_kind_of_text_column(kind):
    batch = posts(["see example.com", None])
    batch = batch.set_column(3, "text", batch["text"].cast(kind))
    assert annotate(batch)["value"].to_pylist() == ["example.com"]


def test_spans_count_code_points():
    text = "😀é\u202e例 https://example.com/ä #тег"
    rows = annotate(posts(["ü", text])).to_pylist()
    assert [text[row["start"] : row["stop"]] for row in rows] == [
        "https://example.com/ä",
        "example.com",
        "#тег",
    ]


def test_nothing_reaches_from_one_post_into_the_next():
    batch = posts(
        ["see https://example", ".com/x and example", ".com", "@", "jo", "version", "192.0.2.1"]
    )
    assert annotate(batch)["value"].to_pylist() == ["192.0.2.1"]


def test_many_posts_are_scanned_in_portions(monkeypatch):
    texts = ["see example.com", None, "#tag " * 5, "jo@example.org"] * 50
    whole = annotate(posts(texts))
    monkeypatch.setattr("clew.annotators.observables._AT_ONCE", 64)
    assert annotate(posts(texts)) == whole


def test_it_is_declared():
    assert plugins(Annotator)["observables"] is OBSERVABLES
    assert set(OBSERVABLES.reads) == {"post_id", "platform", "posted_at", "text"}


def test_every_kind_has_its_page_entry():
    page = (Path(__file__).parents[2] / "docs/annotators/observables.md").read_text()
    for kind in VALUE_TYPES:
        assert f"`{kind}`" in page


# -------------------------------------------------------------------------------- real recordings


@pytest.fixture(scope="module")
def indicators(shared_data):
    return shared_data / "truth/indicators"


@pytest.mark.shared_data
def test_finds_what_the_tests_of_iocsearcher_hold(indicators):
    answers = [
        texts_of.annotated(value, [(kind, value)])
        for kind, value in texts_of.iocsearcher_values(indicators)
    ]
    scores = _scores(answers)
    assert len(scores) == 16
    assert all(score.recall == 1 and score.precision == 1 for score in scores.values()), scores


@pytest.mark.shared_data
@pytest.mark.parametrize("defang", [False, True])
def test_finds_reported_indicators_within_real_posts(shared_data, indicators, defang):
    values = [(kind, value) for kind, value, _ in texts_of.unit42_indicators(indicators)]
    background = texts_of.posts(shared_data, 3000, seed=11)
    scores = _scores(texts_of.planted(values, background, seed=12, defang=defang))
    floors = {"url": 0.96, "domain": 0.98, "ipv4": 0.99, "email": 1.0}
    if not defang:
        floors |= {"sha256": 1.0, "registry_key": 0.75}
    for kind, floor in floors.items():
        assert scores[kind].recall >= floor, (kind, scores[kind])
        assert scores[kind].precision >= floor, (kind, scores[kind])


@pytest.mark.parametrize("defang", [False, True])
def test_finds_invented_indicators_within_invented_posts(defang):
    values = [
        ("url", "https://cdn.example.com/stage2.bin?id=7"),
        ("domain", "berth-update.example.net"),
        ("ipv4", "203.0.113.77"),
        ("email", "press@emberline.example"),
    ] * 25
    background = ["The night ferry was late.Nobody said why, @jo_doe #harbour 12:30:45 v1.2.3.4"]
    for score in _scores(texts_of.planted(values, background, seed=1, defang=defang)).values():
        assert score.recall == score.precision == 1


def _scores(answers: list[texts_of.Annotated]) -> dict[str, bench.Score]:
    texts = [answer.text for answer in answers] + [answer.background or "" for answer in answers]
    found, _ = bench.run(bench.CLEW, texts)
    return bench.scored(answers, found[: len(answers)], found[len(answers) :])
