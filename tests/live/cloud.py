"""What the facts leave open about Bitbucket Cloud, one row a question. OAuth is in `oauth`."""

from answer import both, header, says, status
from rows import Row
from wire import basic, bearer

SITE = "https://bitbucket.org"
USER = "https://api.bitbucket.org/2.0/user"

REPOSITORY = "a repository"
E_MAIL = "an e-mail address"
USERNAME = "a username"
API_TOKEN = "an API token with scopes"
READING_TOKEN = "an API token that may only read"
PLAIN_TOKEN = "an API token without scopes"
REPOSITORY_TOKEN = "an access token of the repository"
PROJECT_TOKEN = "an access token of its project"
WORKSPACE_TOKEN = "an access token of its workspace"
APP_PASSWORD = "an app password"

NO_ACCESS = "You may not have access to this repository"
TOKEN_NAME = "x-bitbucket-api-token-auth"


def references(scene, service="upload", missing=""):
    """The address that a fetch (upload) or a push (receive) asks first."""
    path = scene.given[REPOSITORY] + missing
    return f"{SITE}/{path}.git/info/refs?service=git-{service}-pack"


def git(name, credential, service="upload", missing=""):
    """Asks as Git does first, by Basic."""

    def send(scene):
        user = scene.given[name] if name in scene.given else name
        login = basic(user, scene.given[credential])
        return scene.wire.send("GET", references(scene, service, missing), login)

    return send


def rest(credential, name=None):
    """Asks the REST API who this is, by Basic with a name, else as Bearer."""

    def send(scene):
        secret = scene.given[credential]
        login = basic(scene.given[name], secret) if name else bearer(secret)
        answer = scene.wire.send("GET", USER, login)
        scene.learn(answer.json() if answer.status == 200 else {})
        return answer

    return send


def anonymous(scene):
    """Asks for the repository without a login."""
    return scene.wire.send("GET", references(scene))


def access_token(number, of, credential, kind):
    """The two rows of an access token."""
    return (
        Row(
            id=f"B{number}",
            asked="bitbucket 3",
            question=f"What does REST say of an access token of a {of}?",
            request="GET /2.0/user, Bearer",
            expected=f"200 or 403, with x-credential-type: {kind}",
            if_different="its kind cannot be told by this header: the table of kinds is to change",
            send=rest(credential),
            judge=both(status(200, 403), header("x-credential-type", kind)),
            needs=(credential, REPOSITORY),
            must_work=True,
        ),
        Row(
            id=f"B{number + 1}",
            asked="bitbucket 2",
            question=f"Does Git take an access token of a {of} as x-token-auth?",
            request="GET info/refs, Basic x-token-auth",
            expected="200",
            if_different="the name that we answer with is wrong for this kind",
            send=git("x-token-auth", credential),
            judge=status(200),
            needs=(credential, REPOSITORY),
            must_work=True,
        ),
    )


# Credentials that work, before anything is refused.
GOOD = (
    Row(
        id="B1",
        asked="bitbucket 3",
        question="What does REST say of an API token with scopes?",
        request="GET /2.0/user, Basic with the e-mail address",
        expected="200 or 403, with x-credential-type: api_token and x-oauth-scopes",
        if_different="verification has to find kind and scopes out in another way",
        send=rest(API_TOKEN, E_MAIL),
        judge=both(
            status(200, 403),
            header("x-credential-type", "api_token"),
            header("x-oauth-scopes", ":"),
        ),
        needs=(API_TOKEN, E_MAIL, REPOSITORY),
        must_work=True,
    ),
    Row(
        id="B2",
        asked="bitbucket 2",
        question="Does Git take an API token under the static name, to push?",
        request=f"GET info/refs of receive-pack, Basic {TOKEN_NAME}",
        expected="200",
        if_different="we answer with a name that does not work: the username has to be asked for",
        send=git(TOKEN_NAME, API_TOKEN, "receive"),
        judge=status(200),
        needs=(API_TOKEN, REPOSITORY),
        must_work=True,
    ),
    Row(
        id="B3",
        asked="bitbucket 2",
        question="Does Git take an API token under the username?",
        request="GET info/refs, Basic with the username",
        expected="200",
        if_different="a remote with user@ needs another answer than we give",
        send=git(USERNAME, API_TOKEN),
        judge=status(200),
        needs=(API_TOKEN, USERNAME, REPOSITORY),
        must_work=True,
    ),
    Row(
        id="B4",
        asked="bitbucket 4",
        question="What does Git hear of a repository that does not exist?",
        request="GET info/refs of a made-up repository beside it, with the API token",
        expected="403 or 404, neither of which has Git erase the token",
        if_different="a mistyped address may cost a good token",
        send=git(TOKEN_NAME, API_TOKEN, missing="-does-not-exist"),
        judge=status(403, 404),
        needs=(API_TOKEN, REPOSITORY),
        must_work=True,
    ),
    *access_token(5, "repository", REPOSITORY_TOKEN, "repo_access_token"),
    *access_token(7, "project", PROJECT_TOKEN, "project_access_token"),
    *access_token(9, "workspace", WORKSPACE_TOKEN, "workspace_access_token"),
    Row(
        id="B11",
        asked="bitbucket 3",
        question="Is a push with a token that may only read refused by 403?",
        request=f"GET info/refs of receive-pack, Basic {TOKEN_NAME}, with the reading token",
        expected="403 that names the missing scope",
        if_different="a missing scope cannot be told from a refused token by this answer",
        send=git(TOKEN_NAME, READING_TOKEN, "receive"),
        judge=both(status(403), says("lack one or more required privilege scopes")),
        needs=(READING_TOKEN, REPOSITORY),
    ),
)

# What is refused, each once.
REFUSED = (
    Row(
        id="B12",
        asked="bitbucket 4",
        question="What does Git hear without a login?",
        request="GET info/refs without a login (the repository is private)",
        expected="401 with a challenge for Basic",
        if_different="Git would not ask a helper at all; or the repository is public",
        send=anonymous,
        judge=both(status(401), header("www-authenticate", "Basic")),
        needs=(REPOSITORY,),
    ),
    Row(
        id="B13",
        asked="bitbucket 2",
        question="Does REST take an API token as Bearer?",
        request="GET /2.0/user, Bearer with the API token",
        expected="401: reports contradict each other",
        if_different="a token could be verified without knowing the e-mail address",
        send=rest(API_TOKEN),
        judge=status(401),
        needs=(API_TOKEN, REPOSITORY),
    ),
    Row(
        id="B14",
        asked="bitbucket 2",
        question="Does Git refuse an API token under the e-mail address?",
        request="GET info/refs, Basic with the e-mail address",
        expected="401",
        if_different="one name more would do: nothing to change, the advice may be shorter",
        send=git(E_MAIL, API_TOKEN),
        judge=status(401),
        needs=(API_TOKEN, E_MAIL, REPOSITORY),
    ),
    Row(
        id="B15",
        asked="bitbucket 4",
        question="What does Git hear with an API token without scopes?",
        request=f"GET info/refs, Basic {TOKEN_NAME}",
        expected="401 with the text of the repository that may be gone",
        if_different="a token without scopes has its own sign: the advice could name it at once",
        send=git(TOKEN_NAME, PLAIN_TOKEN),
        judge=both(status(401), says(NO_ACCESS)),
        needs=(PLAIN_TOKEN, REPOSITORY),
    ),
    Row(
        id="B16",
        asked="bitbucket 3",
        question="What does REST say of an API token without scopes?",
        request="GET /2.0/user, Basic with the e-mail address",
        expected="401 that calls it invalid, expired, or not supported",
        if_different="REST could tell a token without scopes from a mistyped one",
        send=rest(PLAIN_TOKEN, E_MAIL),
        judge=both(status(401), says("Token is invalid, expired, or not supported")),
        needs=(PLAIN_TOKEN, E_MAIL, REPOSITORY),
    ),
    Row(
        id="B17",
        asked="bitbucket 4",
        question="What does Git hear with an app password?",
        request="GET info/refs, Basic with the username",
        expected="410 that names CHANGE-3222",
        if_different="app passwords are refused in another way than we take for their end",
        send=git(USERNAME, APP_PASSWORD),
        judge=both(status(410), says("CHANGE-3222")),
        needs=(APP_PASSWORD, USERNAME, REPOSITORY),
    ),
    Row(
        id="B18",
        asked="bitbucket 1",
        question="What does REST say of an app password?",
        request="GET /2.0/user, Basic with the username",
        expected="401",
        if_different="verification of an app password has another answer to understand",
        send=rest(APP_PASSWORD, USERNAME),
        judge=status(401),
        needs=(APP_PASSWORD, USERNAME, REPOSITORY),
    ),
    Row(
        id="B19",
        asked="bitbucket 1",
        question="How is Git Credential Manager before 3.0 blocked (CHANGE-3488)?",
        request="none",
        expected="-",
        if_different="-",
        never="it would need an old Git Credential Manager, signed in",
    ),
    Row(
        id="B20",
        asked="bitbucket 3",
        question="What does a refused account password hear today?",
        request="none",
        expected="-",
        if_different="-",
        never="no account password is asked for or sent by this check",
    ),
)
