//! The tables.

use super::{FileFormat, GIT_CONFIG, NETRC, STORE_FILE, api_token, told};
use crate::bitbucket::site::CLOUD;

fn check(format: &'static FileFormat, content: impl AsRef<[u8]>, expected: &[&str]) {
    let content = content.as_ref();
    assert_eq!(
        told(format, content),
        expected,
        "{}",
        String::from_utf8_lossy(content)
    );
}

#[test]
fn lines_of_a_store_file() {
    let token = api_token();
    check(
        &STORE_FILE,
        format!(
            "https://bob:pw@github.com\n# https://alice:pw@bitbucket.org\n\
             https://alice:p%40w@bitbucket.org\r\n\nhttps://alice@bitbucket.org\n\
             https://u:{token}@www.bitbucket.org/a/b.git\nhttps://c:\0\u{ff}@api.bitbucket.org"
        ),
        &[
            "3 bitbucket.org alice p@w",
            &format!("6 www.bitbucket.org u {token}"),
            "7 api.bitbucket.org c \0\u{ff}",
        ],
    );
    check(&STORE_FILE, "", &[]);
    check(&STORE_FILE, b"\0\xff\n\r\n", &[]);
    let long = format!("https://a:{}@bitbucket.org\n", "x".repeat(1 << 20));
    assert_eq!((STORE_FILE.spans)(long.as_bytes(), &CLOUD).len(), 1);
    let long = format!("{}https://a:b@bitbucket.org\n", "x".repeat(1 << 20));
    check(&STORE_FILE, long, &[]);
}

#[test]
#[allow(clippy::too_many_lines, reason = "one table")]
fn entries_of_a_netrc_file() {
    for (content, expected) in [
        (
            "machine bitbucket.org login a password p",
            &["1 bitbucket.org a p"][..],
        ),
        (
            "machine bitbucket.org\r\n\tlogin a\r\n\tpassword p\r\n",
            &["1 bitbucket.org a p"],
        ),
        (
            "MACHINE BitBucket.org Password p Login a",
            &["1 bitbucket.org a p"],
        ),
        (
            "\n\nmachine\nbitbucket.org\nlogin\na\npassword\np\n",
            &["3 bitbucket.org a p"],
        ),
        ("machine bitbucket.org password p", &["1 bitbucket.org - p"]),
        ("machine bitbucket.org login a", &[]),
        ("machine bitbucket.org", &[]),
        ("machine", &[]),
        ("password", &[]),
        ("password p login a", &[]),
        ("machine x.org login a password bitbucket.org", &[]),
        (
            "machine x.org login a password machine\nbitbucket.org login b password q",
            &[],
        ),
        ("machine bitbucket.org.evil.test login a password p", &[]),
        (
            "machine x.org login a password p machine bitbucket.org login b password q\n\
             machine y.org login c password r",
            &["1 bitbucket.org b q"],
        ),
        ("# machine bitbucket.org login a password p\n", &[]),
        (
            "machine bitbucket.org\nlogin a\n  # password no\npassword p # here",
            &["1 bitbucket.org a p"],
        ),
        (
            "machine bitbucket.org # here\nlogin a\npassword p",
            &["1 bitbucket.org a p"],
        ),
        (
            "machine x.org # not machine bitbucket.org\nlogin a\npassword p",
            &[],
        ),
        (
            "machine x.org #machine bitbucket.org\nlogin a\npassword p",
            &[],
        ),
        // Not every reader takes it for a comment.
        (
            "machine bitbucket.org # was MACHINE x.org\nlogin a\npassword p",
            &["!1 bitbucket.org a p"],
        ),
        (
            "machine bitbucket.org login a password p # account for ci",
            &["!1 bitbucket.org a p"],
        ),
        (
            "machine bitbucket.org login a password #p",
            &["!1 bitbucket.org a #p"],
        ),
        (
            "machine bitbucket.org login a password \"#p\"",
            &["1 bitbucket.org a #p"],
        ),
        (
            "machine x.org account # machine bitbucket.org\nlogin a password p",
            &["!1 bitbucket.org a p"],
        ),
        (
            "machine bitbucket.org password p for account x",
            &["!1 bitbucket.org - p"],
        ),
        (
            "machine bitbucket.org login a password p\nmachin github.com login b password q",
            &["!1 bitbucket.org a p"],
        ),
        (
            "machine bitbucket.org login a password p\n#machine github.com\nlogin b password q",
            &["!1 bitbucket.org a p"],
        ),
        (
            "machine bitbucket.org login a password \"p \\\"q\\\\\"",
            &["1 bitbucket.org a p \"q\\"],
        ),
        (
            "machine bitbucket.org login a password \"p\nlogin b",
            &["!1 bitbucket.org a p"],
        ),
        ("default login a password p", &["!1 * a p"]),
        (
            "machine x.org login a password p\nmacdef init\n\
             machine bitbucket.org login b password q\n\nmachine bitbucket.org login c password r",
            &["5 bitbucket.org c r"],
        ),
        (
            "machine bitbucket.org login a password p\nmacdef init\ncd x\n\n",
            &["!1 bitbucket.org a p"],
        ),
        ("macdef init\nmachine bitbucket.org login b password q", &[]),
        (
            "machine bitbucket.org login a password p account x\nmachine api.bitbucket.org login b password q",
            &["1 bitbucket.org a p", "2 api.bitbucket.org b q"],
        ),
    ] {
        check(&NETRC, content, expected);
    }
    check(&NETRC, b"\0\xff machine \xff login \0", &[]);
}

#[test]
#[allow(clippy::too_many_lines, reason = "one table")]
fn settings_of_a_configuration() {
    let token = api_token();
    let basic = "YWxpY2U6cDp3"; // alice:p:w
    for (content, expected) in [
        (
            "[remote \"origin\"]\n\turl = https://a:p@bitbucket.org/w/r.git\n",
            &["2 bitbucket.org a p"][..],
        ),
        (
            "[remote \"o\"] pushUrl=https://a:p@bitbucket.org/w/r.git ; x",
            &["1 bitbucket.org a p"],
        ),
        (
            "[submodule \"s\"]\r\n\turl = \"https://a:p#@bitbucket.org/w\"\r\n",
            &[],
        ),
        (
            "[submodule \"s\"]\r\n\turl = \"https://a:p;@bitbucket.org/w\"\r\n",
            &["2 bitbucket.org a p;"],
        ),
        ("[remote.o]\nurl = https://a:p;@bitbucket.org/w", &[]),
        (
            "[remote \"o\"]\nurl = https://a:p\\\n@bitb\\\nucket.org/w",
            &["2 bitbucket.org a p"],
        ),
        (
            "[remote \"o\"]\nurl = https://a:p\\\"\\\\@bitbucket.org/w",
            &["2 bitbucket.org a p\"\\"],
        ),
        (
            "[url \"https://a:p@bitbucket.org/\"]\n\tinsteadOf = bb:\n\tpushInsteadOf = x\n",
            &["1 bitbucket.org a p"],
        ),
        (
            "[url \"bb:\"]\ninsteadOf = https://a:p@bitbucket.org/",
            &["2 bitbucket.org a p"],
        ),
        (
            "# url = https://a:p@bitbucket.org/\n[x]\n;url = https://a:p@bitbucket.org/",
            &[],
        ),
        ("url = https://a:p@bitbucket.org/", &["1 bitbucket.org a p"]),
        (
            "[remote \"o\"]\nurl = https://a:p@evil.test/\nurl = https://a@bitbucket.org/",
            &[],
        ),
        ("[remote \"o\"]\nurl = \"https://a:p@bitbucket.org/", &[]),
        (
            "[http]\nextraHeader = Authorization: Bearer TOKEN",
            &["!2 * - TOKEN"],
        ),
        (
            "[http \"https://*.org\"]\nextraHeader = Authorization: Bearer TOKEN",
            &["!2 * - TOKEN"],
        ),
        (
            "[http \"https://*.net\"]\nextraHeader = Authorization: Bearer TOKEN",
            &[],
        ),
        (
            "[http \"https://github.com/\"]\nextraHeader = Authorization: Bearer TOKEN",
            &[],
        ),
        (
            "[http \"https://bitbucket.org/w\"]\nextraHeader = authorization:  bearer  TOKEN ",
            &["2 bitbucket.org - TOKEN"],
        ),
        (
            "[http \"https://u@bitbucket.org\"]\nextraHeader = X-Y: z",
            &[],
        ),
        ("[http \"https://bitbucket.org\"]\nextraHeader", &[]),
        (
            "\u{feff}[Remote \"o\"]\nURL = https://a:p@bitbucket.org/",
            &["2 bitbucket.org a p"],
        ),
        (
            "[a]\nb = \"x\ny\"\n[remote \"o\"]\nurl = https://a:p@bitbucket.org/",
            &[],
        ),
    ] {
        check(&GIT_CONFIG, content, expected);
    }
    let header = format!(
        "[http \"https://www.bitbucket.org:443\"]\n\textraheader = AUTHORIZATION: basic {basic}\n\
         [http \"https://bitbucket.org\"]\n\textraheader = X-Token: {token}\n"
    );
    let token = format!("4 bitbucket.org - {token}");
    check(
        &GIT_CONFIG,
        header,
        &["2 www.bitbucket.org alice p:w", &token],
    );
    check(&GIT_CONFIG, b"[remote \"\xff\"]\nurl = \0\xff\n[", &[]);
}
